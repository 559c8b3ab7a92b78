// One try to deliver a callback: signed, sent to the listed URL, judged by its status alone.
import type { Callback as CallbackEntry } from "../../../gen/gatewright/v1/setup.ts";
import type { Milliseconds } from "../../core/clock.ts";
import { toSeconds } from "../../core/clock.ts";
import type { Egress } from "../../engine/egress.ts";
import type { EgressAnswer, Headers } from "../../engine/egress_message.ts";
import { isSigningSecret, webhookSignature } from "../../identity/webhook_signature.ts";
import type { Callback } from "../../store/callbacks.ts";
import type { World } from "../world.ts";

/** What came of a try; of one that is hopeless, no other will do better. */
export type Tried =
  | { readonly end: "delivered" }
  | { readonly end: "failed" | "hopeless"; readonly problem: string };

// In all, from the first look at the name to the last byte of the answer.
const timeoutMs = 5_000;
const answerBytes = 64 * 1024;
const gone = 410;
const shownProblem = 300;

/** Gives what is set up for a URL now; undefined when it is not on the list any more. */
async function entryOf(world: World, url: string): Promise<CallbackEntry | undefined> {
  const known = world.configuration().callbacks.get(url);
  if (known) return known;
  // Another process may have learnt of a new URL before this one, and a callback is not given up for that.
  const revision = await world.store.configuration.revision();
  if (revision !== world.configuration().revision) await world.refreshConfiguration();
  return world.configuration().callbacks.get(url);
}

function authorizationOf({ user, password = "" }: CallbackEntry): Headers {
  if (user === undefined) return [];
  return [["authorization", `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`]];
}

/** Gives what callbacks are signed with, the present secret first; none while there is no present one. */
function secretsOf({ signingSecret = "", previousSigningSecret = "" }: CallbackEntry): string[] {
  // Earlier versions stored whatever was given.
  if (!isSigningSecret(signingSecret)) return [];
  return [signingSecret, previousSigningSecret].filter(isSigningSecret);
}

function signatureOf(
  secrets: readonly string[],
  { id, body }: Callback,
  now: Milliseconds,
): Headers {
  const timestamp = toSeconds(now);
  return [
    ["webhook-id", id],
    ["webhook-timestamp", String(timestamp)],
    ["webhook-signature", webhookSignature(secrets, { id, timestamp, body })],
  ];
}

/** Says what an answer means. Source: D-56, SEC-59, SEC-61. */
function judged(answer: EgressAnswer, isLate: boolean): Tried {
  if (answer.kind !== "answered") {
    const problem = isLate ? `no answer within ${timeoutMs} ms` : answer.message;
    return { end: "failed", problem: problem.slice(0, shownProblem) };
  }
  if (answer.status >= 200 && answer.status < 300) return { end: "delivered" };
  const end = answer.status === gone ? "hopeless" : "failed";
  return { end, problem: `the answer has status ${answer.status}` };
}

/**
 * Tries to deliver a callback once, within 5 seconds. Any 2xx is a delivery, whatever its body says; a
 * redirect is a failure and is not followed; 410 and a URL that is not set up any more are hopeless. It is
 * signed with the secret of the URL, and with the former one while there is one. Throws UNAVAILABLE when
 * the store does not say whether the URL is set up. Source: D-56, SEC-56 to SEC-63, Standard Webhooks 1.0.
 */
export async function attempt(
  world: World,
  wayOut: Pick<Egress, "request">,
  callback: Callback,
): Promise<Tried> {
  const entry = await entryOf(world, callback.url);
  if (!entry) return { end: "hopeless", problem: "the URL is no callback of the set-up any more" };
  const secrets = secretsOf(entry);
  if (secrets.length === 0) {
    return { end: "failed", problem: "the callback has no signing secret; make one for its URL" };
  }
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await wayOut.request({
    method: "POST",
    url: callback.url,
    headers: [
      ["content-type", "application/json"],
      ...signatureOf(secrets, callback, world.clock.now()),
      ...authorizationOf(entry),
    ],
    body: callback.body,
    timeoutMs,
    limitBytes: answerBytes,
    statusOnly: true,
    signal,
  });
  return judged(answer, signal.aborted);
}
