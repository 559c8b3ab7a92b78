// One question to a web hook: asked through the guarded client, believed only in full.
import type { WebHook } from "../../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Headers } from "../../engine/egress_message.ts";
import type { JsonObject, Refuse } from "../../identity/strict_json.ts";
import { readJsonObject } from "../../identity/strict_json.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import type { World } from "../world.ts";

/** About whom a hook is asked. */
export interface Subject {
  readonly client: Client;
  readonly userId: string | undefined;
}

/** What a hook is asked, and how its answer is read. */
export interface Question<Answer> {
  /** Behind the hook's base URL. */
  readonly path: string;
  readonly subject: Subject;
  readonly body: Readonly<Record<string, unknown>>;
  /** Reads the answer; calls `refuse` when it has not the documented form. */
  read(answer: JsonObject, refuse: Refuse): Answer;
}

// In all, from the first look at the name to the last byte of the answer.
const timeoutMs = 5_000;

/** Gives the hook that an application names, or undefined when it names none or a disabled one. */
export function hookOf(
  world: World,
  { application }: Client,
  field: "customizeToken" | "customizeUserDetails",
): WebHook | undefined {
  const hook = world.configuration().webHooks.get(application?.[field] ?? "");
  return hook?.enabled === true ? hook : undefined;
}

/** The ways in which the server proves itself to a hook. */
const authorizations: Readonly<Record<string, (world: World, hook: WebHook) => Headers>> = {
  JWT({ identity, policy, clock }, { url = "", type = "" }) {
    const now = clock.now();
    const key = identity.keyRing().signingKey(now);
    const token = identity.webHookTokens(key, { issuer: policy.issuer, url, type, now });
    return [["authorization", `Bearer ${token}`]];
  },
  BASIC(_, { user = "", password = "" }) {
    const pair = Buffer.from(`${user}:${password}`).toString("base64");
    return [["authorization", `Basic ${pair}`]];
  },
  NONE: () => [],
};

function authorizationFor(world: World, hook: WebHook): Headers {
  const authorization = authorizations[hook.authentication ?? "JWT"];
  if (!authorization) throw new Error(`web hook ${hook.id} has an unknown authentication`);
  return authorization(world, hook);
}

/**
 * Asks a web hook and gives what `read` made of its answer. Whatever goes wrong ends the flow: when the
 * egress policy does not allow the hook, when it does not answer within 5 seconds with status 200 and
 * strict JSON of the documented form, the event TOKEN_REQUEST_WEB_HOOK_FAILED names hook and problem,
 * and UNAVAILABLE is thrown, so that nothing is issued that the hook might have forbidden. Redirects
 * are such an answer too. Source: Customize Access Token Web Hook, SEC-57, SEC-59, SEC-87.
 */
export async function askWebHook<Answer>(
  world: World,
  hook: WebHook,
  { path, subject, body, read }: Question<Answer>,
): Promise<Answer> {
  const { client, userId } = subject;
  const refuse: Refuse = (problem) => {
    const type = "TOKEN_REQUEST_WEB_HOOK_FAILED";
    const details = { hook: hook.id, problem };
    world.events.add({ type, ...clientOf(client), userId, details }, world.origin);
    throw new Refusal("UNAVAILABLE", {}, { cause: `web hook ${hook.id}: ${problem}` });
  };
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await world.egress.request({
    method: "POST",
    url: `${(hook.url ?? "").replace(/\/+$/, "")}/${path}`,
    headers: [
      ["content-type", "application/json"],
      ["accept", "application/json"],
      ...authorizationFor(world, hook),
    ],
    body: JSON.stringify(body),
    timeoutMs,
    signal,
  });
  if (answer.kind !== "answered") {
    return refuse(signal.aborted ? `no answer within ${timeoutMs} ms` : answer.message);
  }
  if (answer.status !== 200) return refuse(`the answer has status ${answer.status}`);
  return read(readJsonObject(answer.body, refuse), refuse);
}
