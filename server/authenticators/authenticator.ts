// What an authenticator is: a row that says what it earns, and its steps from input to outcome.
import type { Application, CustomAuthenticator } from "../../gen/gatewright/v1/setup.ts";
import type { Milliseconds } from "../core/clock.ts";
import type { Facts } from "../core/refusal.ts";
import { Refusal } from "../core/refusal.ts";

/** What the operator set up, as far as an authenticator asks. */
export interface Place {
  readonly application: Pick<Application, "refreshTokens" | "customAuthenticators">;
  readonly authenticators: ReadonlyMap<string, CustomAuthenticator>;
  /** Whether the feature of custom authenticators is on. */
  readonly hasCustom: boolean;
}

/** That a profile has an authenticator. */
export interface Registration {
  /** New at each registration; undefined where the authenticator keeps nothing of its own. */
  readonly id: string | undefined;
  /** Opens what a script wants to see again; null when it gave nothing. */
  data(): string | null;
  readonly createdAt: Milliseconds;
}

/** What the script of a step returned. `status` is of a band of `outcomeOf`. */
export interface Returned {
  readonly status: number;
  readonly responsePayload?: string | undefined;
  readonly registrationData?: string | undefined;
}

/** What became of a step. */
export interface Answer {
  readonly status: number;
  readonly data?: string | undefined;
}

/** What one profile has of one authenticator, and may be given. */
export interface Holding {
  /** When the profile began. */
  readonly profileSince: Milliseconds;
  /** The registration that is kept; undefined when there is none. */
  kept(): Promise<Registration | undefined>;
  /** Drops the registration that is kept, if its id is still this one; without an id whichever. */
  drop(id?: string): Promise<void>;
  /** When the profile got the refresh token of this token type that still counts. */
  refreshTokenSince(tokenType: string): Promise<Milliseconds | undefined>;
  /** Ends the logins of the profile of this token type. */
  revoke(tokenType: string): Promise<void>;
}

/** Runs the script of a step, with what the app sent and what an earlier run wants to see again. */
export type RunStep = (
  step: "registration" | "authentication",
  data: string | null,
  registrationData: string | null,
) => Promise<Returned>;

/** What registering needs. Throws ACCESS_TOKEN_INVALID when the user's login ended meanwhile. */
export interface Registering {
  readonly run: RunStep;
  /** Keeps a registration, in place of an earlier one. */
  keep(data: string | null): Promise<void>;
  /** Gives a refresh token of this token type, in place of an earlier one. */
  issueRefreshToken(tokenType: string): Promise<string>;
}

/** What a login needs. */
export interface LoggingIn<Tokens> {
  readonly run: RunStep;
  /** Notes that a login failed that may be tried again. */
  failed(): void;
  /**
   * Gives tokens, and replaces what the script wants to see again unless it is undefined. Throws
   * NOT_REGISTERED when the registration went meanwhile; then nothing happened.
   */
  admit(registration: Registration, data: string | undefined): Promise<Tokens>;
}

/** That an authenticator does not have a step: the refusal of whoever asks for it. */
export interface Absent {
  readonly refusal: "AUTHENTICATOR_FIXED" | "REQUEST_INVALID";
  readonly facts?: Facts;
}

/** A step, or that there is none. */
export type Step<Act> = Act | Absent;

/** Gives a step of a row, or throws the refusal that the row has in its place. */
export function stepOf<Act extends (...given: never[]) => unknown>(step: Step<Act>): Act {
  if (typeof step === "function") return step;
  throw new Refusal(step.refusal, step.facts);
}

/** An authenticator, or all of a kind. Source: D-40, D-41, D-43, D-44. */
export interface Authenticator {
  readonly type: "PIN" | "FINGERPRINT" | "CUSTOM";
  /** What a login with it earns; tells logins apart in `amr`. Source: SEC-55. */
  readonly tokenType: "DEFAULT" | "FINGER_PRINT" | "CUSTOM_AUTHENTICATOR";
  /** Whether a recent login with it is enough for registering another one. */
  readonly vouches: boolean;
  /**
   * What a refresh token that is not the profile's costs, where a login is one that the app keeps locked:
   * "count" counts it as a wrong PIN, "remove" ends the registration. Undefined for other logins.
   */
  readonly onWrongToken?: "count" | "remove";
  /** Gives the name that people read; undefined when there is no such authenticator. */
  nameOf(place: Place, id: string): string | undefined;
  /** Tells whether users of the application may have it and log in with it. */
  isUsable(place: Place, id: string): boolean;
  /** Gives the profile's registration, undefined when it has none. */
  registration(holding: Holding): Promise<Registration | undefined>;
  /** Registers the profile. Throws what a script's status stands for, and what the ports throw. */
  readonly register: Step<
    (ports: Registering, data: string | null) => Promise<Answer & { refreshToken?: string }>
  >;
  /** Lets the user in. Throws what a script's status stands for, and what the ports throw. */
  readonly authenticate: Step<
    <Tokens>(
      ports: LoggingIn<Tokens>,
      holding: Holding,
      registration: Registration,
      data: string | null,
    ) => Promise<Answer & { tokens?: Tokens }>
  >;
  /** Drops the profile's registration, if it has one. */
  readonly deregister: Step<(holding: Holding) => Promise<void>>;
}
