// The second step of a registration, over a real store: what happens to its transaction when the
// script could not run, or said no.
import assert from "node:assert/strict";
import type { Clock } from "../../server/core/clock.ts";
import { milliseconds } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { Engine } from "../../server/engine/engine.ts";
import type { ScriptCall, ScriptOutcome, ScriptRun } from "../../server/engine/script.ts";
import { completeRegistration } from "../../server/flows/complete_registration.ts";
import { readConfiguration } from "../../server/flows/configuration.ts";
import { doors } from "../../server/flows/doors.ts";
import type { Ended } from "../../server/flows/executions/record.ts";
import type { ExecutionRecorder } from "../../server/flows/executions/recorder.ts";
import { openTransaction } from "../../server/flows/registration_transaction.ts";
import type { World } from "../../server/flows/world.ts";
import { hashSecret } from "../../server/identity/secret.ts";
import type { Store } from "../../server/store/store.ts";
import { openStore } from "../../server/store/store.ts";
import { bareWorld, pepper } from "../support/bare_world.ts";
import type { StorePlace } from "../support/stores.ts";
import { openSqlitePlace } from "../support/stores.ts";

const clock: Clock = { now: () => milliseconds(1_800_000_000_000) };
const clientId = "web";
const clientSecret = "web-secret-2f8a";
const idp = "steps";
const tries = 3;

/** What the engine does at one run: an outcome of the script, or why it could not run. */
type Turn = ScriptOutcome | Refusal;

const returned = (status: number): ScriptOutcome => ({
  kind: "returned",
  status,
  user: { id: "alice", attributes: {} },
});
const busy = new Refusal("UNAVAILABLE");
const full = new Refusal("RATE_LIMITED", { retry_after: "1" });
const noStore: ScriptOutcome = {
  kind: "failed",
  code: 3001,
  message: "the store is down",
  isUnavailable: true,
};
const thrown: ScriptOutcome = { kind: "failed", code: 3001, message: "it throws" };

/** Gives an engine that takes these turns one after the other. */
function engineOf(turns: readonly Turn[]): Engine {
  const left = [...turns];
  return {
    async run(_, { executionId }: ScriptCall): Promise<ScriptRun> {
      const turn = left.shift();
      assert(turn, "the script runs more often than it may");
      if (turn instanceof Refusal) throw turn;
      const facts = { executionId, startedAt: 0, durationMs: 1, cpuMs: 1, log: [], hostCalls: [] };
      return { ...facts, outcome: turn };
    },
    replay: () => Promise.reject(new Error("nothing is replayed here")),
    check: async () => [],
    configure: () => {},
    ping: () => true,
    async [Symbol.asyncDispose]() {},
  };
}

/** What was handed to the recorder, last. */
let recorded: Ended | undefined;
const recorder: ExecutionRecorder = {
  add(ended) {
    recorded = ended;
  },
  waiting: () => undefined,
  async [Symbol.asyncDispose]() {},
};

const object = (kind: string, id: string, document: object) => ({
  kind,
  id,
  document: JSON.stringify({ id, ...document }),
  sealed: kind === "clients" ? "sealed" : null,
});

async function worldOf(store: Store, engine: Engine): Promise<World> {
  const secret = await hashSecret(clientSecret, pepper);
  const script = { name: "x.js", version: 1, source: "", sha256: "" };
  const client = { kind: "static", application: "app", secret_authentication: true };
  const configuration = readConfiguration(
    1,
    [
      object("applications", "app", { identity_providers: [idp] }),
      object("clients", clientId, client),
      object("identity_providers", idp, { type: "CUSTOM_API_TWO_STEP" }),
    ],
    new Map([[`identity_providers/${idp}/complete`, script]]),
    () => ({ secret }),
  );
  const bare = bareWorld(store, configuration);
  return {
    ...bare,
    clock,
    policy: { ...bare.policy, transactionTries: tries },
    engine,
    recorder,
  };
}

/** Completes a transaction. */
function complete(world: World, transactionId: string) {
  const request = {
    idp,
    transactionId,
    hookContextCustomParams: new Map(),
    scope: [],
    clientId,
    clientSecret,
  };
  const credentials = { authorization: undefined, clientId, clientSecret };
  const { signal } = new AbortController();
  return completeRegistration(world, doors.registrationV1, request, credentials, signal);
}

const refusedAs = (reason: string) => (error: unknown) =>
  error instanceof Refusal && error.reason === reason;

describe("completeRegistration of a two-step provider (D-11)", () => {
  let place: StorePlace;
  let store: Store;
  before(async () => {
    place = await openSqlitePlace();
    const { durable, ephemeral } = place;
    store = await openStore({ durable, ephemeral, clock, log: silentLog });
  });
  after(async () => {
    await store?.[Symbol.asyncDispose]();
    await place?.cleanup();
  });

  /** Opens a transaction in a world whose engine takes these turns. */
  async function begin(...turns: Turn[]): Promise<{ world: World; transaction: string }> {
    const world = await worldOf(store, engineOf(turns));
    return { world, transaction: await openTransaction(world, clientId, idp) };
  }

  const passing: [string, Turn, string][] = [
    ["the engine was restarted", busy, "UNAVAILABLE"],
    ["a store that it called was down", noStore, "UNAVAILABLE"],
    ["the engine's queue was full", full, "RATE_LIMITED"],
  ];
  for (const [why, turn, reason] of passing) {
    it(`is ${reason} when ${why}, and works with the same transaction afterwards`, async () => {
      const { world, transaction } = await begin(turn, returned(2000));
      await assert.rejects(complete(world, transaction), refusedAs(reason));
      assert.equal(recorded?.run.outcome.kind, "failed");
      const { status, oauthToken } = await complete(world, transaction);
      assert.equal(status, 2000);
      assert.equal(recorded?.run.outcome.kind, "returned");
      assert.match(oauthToken?.accessToken ?? "", /^[0-9A-F]{64}$/);
      // A success uses it up.
      await assert.rejects(complete(world, transaction), refusedAs("TRANSACTION_INVALID"));
    });
  }

  it("ends the transaction when its tries are over, whatever they failed for", async () => {
    const { world, transaction } = await begin(...Array<Turn>(tries).fill(busy));
    for (let tried = 0; tried < tries; tried += 1) {
      await assert.rejects(complete(world, transaction), refusedAs("UNAVAILABLE"));
    }
    await assert.rejects(complete(world, transaction), refusedAs("TRANSACTION_INVALID"));
  });

  it("ends the transaction when the script failed by itself", async () => {
    const { world, transaction } = await begin(thrown);
    await assert.rejects(complete(world, transaction), refusedAs("SCRIPT_FAILED"));
    await assert.rejects(complete(world, transaction), refusedAs("TRANSACTION_INVALID"));
  });

  const answers: [number, "stays" | "ends"][] = [
    [4000, "stays"],
    [5000, "ends"],
  ];
  for (const [status, fate] of answers) {
    it(`gives the script's ${status}, and the transaction ${fate}`, async () => {
      const { world, transaction } = await begin(returned(status), returned(2000));
      assert.deepEqual(await complete(world, transaction), { status, data: undefined });
      const again = complete(world, transaction);
      if (fate === "stays") assert.equal((await again).status, 2000);
      else await assert.rejects(again, refusedAs("TRANSACTION_INVALID"));
    });
  }
});
