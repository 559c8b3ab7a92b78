// How the user of a phone answers what the SDK asks.
import type { CustomInfo, SdkError } from "../../sdk/error.ts";
import type {
  AuthenticationHandler,
  CreatePinChallenge,
  PinChallenge,
  RegistrationHandler,
} from "../../sdk/types.ts";
import { printable } from "../printable.ts";
import { whatHappened } from "./advice.ts";
import type { Questions } from "./questions.ts";

/** Where questions are asked. */
interface Asked {
  readonly questions: Questions;
  note(text: string): void;
}

const sentence = (error: SdkError | undefined): string => (error ? `${whatHappened(error)} ` : "");

/** Ends a question to which there is no answer (any more): the command fails with why the last one was not accepted. */
const giveUp = ({
  error,
  cancel,
}: {
  error: SdkError | undefined;
  cancel(cause?: unknown): void;
}) => cancel(error);

const left = ({ remainingAttempts }: PinChallenge): string =>
  remainingAttempts === undefined ? "" : `(${remainingAttempts} left) `;

/** Asks for the PIN, and again after a wrong one. */
const askPin =
  ({ questions }: Asked) =>
  async (challenge: PinChallenge): Promise<void> => {
    const question = `${sentence(challenge.error)}PIN of ${challenge.profile.profileId} ${left(challenge)}`;
    const pin = await questions.secret(`${question.trimEnd()}: `);
    if (pin === undefined) giveUp(challenge);
    else challenge.respond(pin);
  };

/** Asks for a new PIN, on a terminal twice. */
export const askNewPin =
  ({ questions, note }: Asked) =>
  async (challenge: CreatePinChallenge): Promise<void> => {
    const { policy, error } = challenge;
    if (error && questions.isTerminal) note(whatHappened(error));
    for (;;) {
      const pin = await questions.secret(`New PIN, ${policy.length} digits: `);
      if (pin === undefined) return giveUp(challenge);
      if (!questions.isTerminal || pin === (await questions.secret("The same once more: "))) {
        return challenge.respond(pin);
      }
      note("These are two PINs.");
    }
  };

/** What a script said, for the user. */
export const infoLine = (info: CustomInfo | undefined): string =>
  info?.data === undefined ? "" : `the script says ${info.status}: ${printable(info.data)}`;

interface CustomQuestion {
  readonly error: SdkError | undefined;
  readonly info: CustomInfo | undefined;
  respond(data: string | undefined): void;
  cancel(cause?: unknown): void;
}

/**
 * Answers a script with the given data; after a retry outcome, or where none were given, by asking. Where nobody can be
 * asked the script gets none once, and no second try.
 */
function dataGiver({ questions, note }: Asked, given: string | undefined) {
  return async (challenge: CustomQuestion): Promise<void> => {
    const { error, info } = challenge;
    if (!error && given !== undefined) return challenge.respond(given);
    const line = infoLine(info);
    if (questions.isTerminal && line !== "") note(line);
    const data = await questions.text("Data for the script (empty for none): ");
    if (data !== undefined) challenge.respond(data === "" ? undefined : data);
    else if (error || questions.isTerminal) giveUp(challenge);
    else challenge.respond(undefined);
  };
}

/** Answers a login by the PIN, and a custom authenticator with these data. */
export const pinHandler = (phone: Asked, data?: string): AuthenticationHandler => ({
  onPin: askPin(phone),
  onCustom: dataGiver(phone, data),
});

/** Answers a registration: data of the first step, of the completing one, and a new PIN. */
export const registrationHandler = (
  phone: Asked,
  data: { readonly init: string | undefined; readonly complete: string | undefined },
): RegistrationHandler => ({
  // The first step of most providers takes nothing: nobody is asked for it before it says no.
  onInit: (challenge) =>
    challenge.error || data.init !== undefined
      ? dataGiver(phone, data.init)(challenge)
      : challenge.respond(undefined),
  onFinish: dataGiver(phone, data.complete),
  onCreatePin: askNewPin(phone),
});
