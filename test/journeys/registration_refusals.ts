// The refusals of the registration steps: each a request that is right but for one thing.
import type { Deviation } from "../support/assertions.ts";
import { assertionType, newKey } from "../support/assertions.ts";
import { letIn, say } from "../support/usual_setup.ts";
import type { Actors, Ask } from "./doors.ts";
import type { Row } from "./refusal_answers.ts";
import { answered } from "./refusal_answers.ts";

const data = letIn("alice");
const profileId = "W8DUJ2";
const grantType = "urn:onewelcome:oauth2:grant_type:stateless_authentication";

type Change = Readonly<Record<string, unknown>>;

/** A complete call of the phone, right but for what the row changes. */
const complete =
  (idp: string, change: Change = {}, deviation: Deviation = {}) =>
  async ({ phone, authenticate }: Actors): Promise<Ask> => ({
    method: "completeRegistration",
    message: { idp, ...(await authenticate(phone, deviation)), data, profileId, ...change },
  });

const init =
  (idp: string, change: Change = {}) =>
  async ({ phone, authenticate }: Actors): Promise<Ask> => ({
    method: "initRegistration",
    message: { idp, ...(await authenticate(phone)), data: say(2000), ...change },
  });

const now = (): number => Math.floor(Date.now() / 1000);

/** The documented table, in its order. Source: Custom Registration v2, server error codes. */
export const registrationRefusals: readonly Row[] = [
  {
    name: "a value of a wrong form",
    ask: complete("puppet", { data: "x".repeat(65537) }),
    ...answered.malformed,
  },
  {
    name: "an unknown grant_type",
    ask: complete("puppet", { grantType: "password" }),
    ...answered.malformed,
  },
  { name: "an init at a one-step provider", ask: init("puppet"), ...answered.malformed },
  {
    name: "no client assertion",
    ask: complete("puppet", { clientAssertion: undefined }),
    ...answered.missing,
  },
  {
    name: "no client assertion type",
    ask: complete("puppet", { clientAssertionType: undefined }),
    ...answered.missing,
  },
  {
    name: "another client assertion type",
    ask: complete("puppet", { clientAssertionType: `${assertionType}2` }),
    ...answered.missing,
  },
  {
    name: "no client assertion at init",
    ask: init("steps", { clientAssertion: undefined }),
    ...answered.missing,
  },
  {
    name: "an assertion that is none",
    ask: complete("puppet", { clientAssertion: "a.b.c" }),
    ...answered.failed,
  },
  {
    name: "an assertion of an unknown client",
    ask: complete("puppet", {}, { claims: { iss: "nobody", sub: "nobody" } }),
    ...answered.failed,
  },
  {
    name: "an assertion with another client's key",
    ask: async (actors) => complete("puppet", {}, { key: await newKey() })(actors),
    ...answered.failed,
  },
  {
    name: "an assertion without kid",
    ask: complete("puppet", {}, { header: { kid: undefined } }),
    ...answered.failed,
  },
  {
    name: "an assertion for the endpoint's URL",
    ask: async (actors) => {
      const aud = `${actors.phone.issuer}/v2/custom-registration/puppet/complete`;
      return complete("puppet", {}, { claims: { aud } })(actors);
    },
    ...answered.failed,
  },
  {
    name: "an assertion that has passed",
    ask: (actors) => complete("puppet", {}, { claims: { exp: now() - 11 } })(actors),
    ...answered.failed,
  },
  {
    name: "an assertion more than an hour ahead",
    ask: (actors) => complete("puppet", {}, { claims: { exp: now() + 3700 } })(actors),
    ...answered.failed,
  },
  {
    name: "an assertion whose exp is a text",
    ask: (actors) => complete("puppet", {}, { claims: { exp: String(now() + 60) } })(actors),
    ...answered.failed,
  },
  {
    name: "an assertion without jti",
    ask: complete("puppet", {}, { claims: { jti: undefined } }),
    ...answered.failed,
  },
  {
    name: "an assertion that was used",
    ask: async (actors) => {
      const ask = await complete("puppet")(actors);
      await actors.sent(ask);
      return ask;
    },
    ...answered.failed,
  },
  {
    name: "an assertion of an API client",
    ask: async ({ machine, authenticate }) => ({
      method: "completeRegistration",
      message: { idp: "puppet", ...(await authenticate(machine)), data, profileId },
    }),
    ...answered.failed,
  },
  { name: "an unknown identity provider", ask: complete("nowhere"), ...answered.noProvider },
  { name: "an unknown identity provider at init", ask: init("__proto__"), ...answered.noProvider },
  { name: "a disabled identity provider", ask: complete("off"), ...answered.disabled },
  { name: "an identity provider of others", ask: complete("unlinked"), ...answered.disabled },
  { name: "a disabled identity provider at init", ask: init("off"), ...answered.disabled },
  { name: "no transaction", ask: complete("steps"), ...answered.noTransaction },
  {
    name: "an unknown transaction",
    ask: complete("steps", { transactionId: "123123" }),
    ...answered.noTransaction,
  },
  {
    name: "an unknown scope",
    ask: complete("puppet", { scope: ["read", "admin"] }),
    ...answered.noScope,
  },
  {
    name: "a malformed profile",
    ask: complete("puppet", { profileId: "W8DUJ" }),
    ...answered.noProfile,
  },
  { name: "no profile", ask: complete("puppet", { profileId: undefined }), ...answered.noProfile },
  {
    name: "another user's profile",
    ask: async (actors) => {
      const change = { profileId: "TAKEN1" };
      await actors.sent(await complete("puppet", { ...change, data: letIn("owner") })(actors));
      return complete("puppet", change)(actors);
    },
    ...answered.noProfile,
  },
  {
    name: "a stateless registration where none is allowed",
    ask: async (actors) => {
      const { strict } = actors;
      return complete("puppet", { scope: ["read"], grantType })({ ...actors, phone: strict });
    },
    ...answered.notAllowed,
  },
  {
    name: "a script that fails",
    ask: complete("puppet", { data: "no JSON" }),
    ...answered.scriptFailed,
  },
  {
    name: "a script that fails at init",
    ask: init("steps", { data: "no JSON" }),
    ...answered.scriptFailed,
  },
];
