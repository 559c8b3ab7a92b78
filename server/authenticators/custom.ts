// Custom authenticators: the operator's scripts decide, so each of them is data and this one row serves all.
import { outcomeOf } from "../core/outcome.ts";
import { Refusal } from "../core/refusal.ts";
import type { Authenticator, Returned } from "./authenticator.ts";

// The statuses that scripts and callers have a word for. Source: Extension Engine, status codes; D-41.
const refusals = new Map([
  [4001, "ALREADY_REGISTERED"],
  [4002, "NOT_REGISTERED"],
] as const);

function outcome({ status }: Returned): ReturnType<typeof outcomeOf> {
  const refusal = refusals.get(status as 4001 | 4002);
  if (refusal) throw new Refusal(refusal);
  return outcomeOf(status);
}

/** What is set up with two scripts. Source: Custom authenticators, flows; D-41, D-44. */
export const custom: Authenticator = {
  type: "CUSTOM",
  tokenType: "CUSTOM_AUTHENTICATOR",
  vouches: false,
  nameOf({ authenticators }, id) {
    const found = authenticators.get(id);
    return found && (found.name ?? id);
  },
  isUsable: ({ hasCustom, authenticators, application }, id) =>
    hasCustom &&
    authenticators.get(id)?.enabled === true &&
    application.customAuthenticators.includes(id),
  registration: (holding) => holding.kept(),
  async register(ports, data) {
    const returned = await ports.run("registration", data, null);
    if (outcome(returned) === "success") await ports.keep(returned.registrationData ?? null);
    return { status: returned.status, data: returned.responsePayload };
  },
  async authenticate(ports, holding, registration, data) {
    const returned = await ports.run("authentication", data, registration.data());
    const { status, responsePayload, registrationData } = returned;
    const said = { status, data: responsePayload };
    const came = outcome(returned);
    if (came === "success") {
      return { ...said, tokens: await ports.admit(registration, registrationData) };
    }
    if (came === "retry") ports.failed();
    else await holding.drop(registration.id);
    return said;
  },
  deregister: (holding) => holding.drop(),
};
