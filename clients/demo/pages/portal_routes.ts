// What the script of the portal's page may ask, one row each.
import type { PortalAsks } from "./portal_asks.ts";
import type { PortalDesk } from "./portal_desk.ts";
import type { CodeState, ShownCode, ShownCodes } from "./shown_codes.ts";
import type { Person, Visitor, Visitors } from "./visitors.ts";
import { cookieOf, noCookie } from "./visitors.ts";

/** A request of the page's script. */
export interface RouteCall {
  readonly visitor: Visitor | undefined;
  /** The last segment of the path. */
  readonly last: string;
  /** Address of the browser. */
  readonly from: string;
  /** The state that the page knows already. */
  readonly known: string;
  /** The body; an object without members when it is none. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** An answer. */
export interface RouteAnswer {
  readonly status: number;
  readonly json?: unknown;
  readonly cookie?: string;
}

/** Answers a request. */
export type PortalRoute = (call: RouteCall) => Promise<RouteAnswer>;

/** What the routes work with. */
export interface PortalRouteParts {
  readonly people: readonly Person[];
  readonly visitors: Visitors;
  readonly codes: ShownCodes;
  readonly asks: PortalAsks;
  desk(): PortalDesk;
  /** Ties the code of a registration to the transaction of its script. */
  expectScan(transaction: string, code: ShownCode): void;
}

type Insider = RouteCall & { readonly visitor: Visitor; readonly person: Person };

const notIn = { status: 401, json: { problem: "Log in first." } };
const notFound = { status: 404, json: { problem: "There is no such code any more." } };
const wrong = (problem: string): RouteAnswer => ({ status: 400, json: { problem } });
const shown = ({ id, text, state }: ShownCode) => ({ id, text, state });

const whenIn =
  (route: (call: Insider) => Promise<RouteAnswer>): PortalRoute =>
  async (call) => {
    const { visitor } = call;
    if (!visitor?.person) return notIn;
    return route({ ...call, visitor, person: visitor.person });
  };

/** Logging in and out. */
const visitRoutes = ({ people, visitors, codes, asks }: PortalRouteParts) => {
  const letIn = (person: Person, visitor: Visitor | undefined): RouteAnswer => {
    const entered = visitors.enter(person, visitor);
    return { status: 200, json: { person }, cookie: cookieOf(entered) };
  };
  return {
    "GET /api/visit": async ({ visitor }) => ({
      status: 200,
      json: { person: visitor?.person, people },
    }),
    // How a first visitor proves who it is (a branch office, a letter) is not what the demo is about.
    "POST /api/visit": async ({ visitor, json }) => {
      const person = people.find(({ id }) => id === json.person);
      return person ? letIn(person, visitor) : wrong("There is no such user.");
    },
    "DELETE /api/visit": async ({ visitor }) => {
      if (visitor) visitors.forget(visitor);
      return { status: 200, cookie: noCookie };
    },
    "POST /api/logins": async ({ visitor, from }) => {
      const entered = visitor ?? visitors.enter(undefined, undefined);
      const message = `Log in at the demo portal, from ${from}?`;
      const code = await asks.start({ type: "portal-login", message, token: entered.token });
      return { status: 201, json: shown(code), cookie: cookieOf(entered) };
    },
    "POST /api/logins/*": async ({ visitor, last }) => {
      const code = codes.find(last, visitor?.token ?? "");
      const person = people.find(({ id }) => code?.state === "approved" && id === code.userId);
      if (!code || !person) return notFound;
      codes.take(code.id);
      return letIn(person, visitor);
    },
    "GET /api/codes/*": async ({ visitor, last, known, signal }) => {
      const find = () => codes.find(last, visitor?.token ?? "");
      if (find()) await codes.change(last, known as CodeState, signal);
      const code = find();
      return code ? { status: 200, json: { state: code.state } } : notFound;
    },
  } satisfies Record<string, PortalRoute>;
};

/** What a user does who is in. */
const insideRoutes = ({ codes, asks, desk, expectScan }: PortalRouteParts) => ({
  "GET /api/devices": whenIn(async ({ person }) => ({
    status: 200,
    json: await desk().devices(person),
  })),
  "POST /api/devices": whenIn(async ({ person, visitor, from }) => {
    const { identifier, transaction = "" } = await desk().startRegistration(person, from);
    // The identifier alone, which says nothing about anybody.
    const code = codes.add(visitor.token, JSON.stringify({ identifier }));
    expectScan(transaction, code);
    return { status: 201, json: shown(code) };
  }),
  "DELETE /api/devices/*": whenIn(async ({ person, last }) => {
    await desk().removeDevice(person, last);
    return { status: 200 };
  }),
  "POST /api/challenges": whenIn(async ({ person, json }) => {
    const response = await desk().answerChallenge(person, String(json.challenge));
    if (response !== undefined) return { status: 200, json: { response } };
    return wrong("No phone shows this challenge now. Look at the phone and type it again.");
  }),
  "POST /api/transfers": whenIn(async ({ person, visitor, json }) => {
    const { to, amount } = json;
    const isTo = typeof to === "string" && /^[\p{L}\p{N} .'’&-]{1,60}$/u.test(to.trim());
    if (!isTo) return wrong("Type who gets the money, in letters and digits.");
    const cents = Math.round(Number(amount) * 100);
    if (!(cents >= 1 && cents <= 1_000_000)) return wrong("Type an amount from 0.01 to 10,000.");
    const message = `Transfer ${(cents / 100).toFixed(2)} EUR to ${to.trim()}?`;
    const question = { type: "transfer", message, userId: person.id, token: visitor.token };
    return { status: 201, json: { ...shown(await asks.start(question)), message } };
  }),
  "GET /api/activity": whenIn(async ({ person }) => ({
    status: 200,
    json: await desk().activity(person),
  })),
});

/** Gives the routes by method and path. */
export const portalRoutes = (parts: PortalRouteParts): ReadonlyMap<string, PortalRoute> =>
  new Map<string, PortalRoute>(Object.entries({ ...visitRoutes(parts), ...insideRoutes(parts) }));
