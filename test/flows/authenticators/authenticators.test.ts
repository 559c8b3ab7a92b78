// The flows of authenticators over a real store: what is counted, what is said, and what is left as it
// was when nobody was to blame.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import { uuid } from "../../../server/core/id.ts";
import { silentLog } from "../../../server/core/log.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import type { ScriptOutcome } from "../../../server/engine/script.ts";
import { authenticateUser } from "../../../server/flows/authenticators/authenticate_user.ts";
import { deregisterAuthenticator } from "../../../server/flows/authenticators/deregister_authenticator.ts";
import { registerAuthenticator } from "../../../server/flows/authenticators/register_authenticator.ts";
import type { World } from "../../../server/flows/world.ts";
import { hashToken, tokenSource } from "../../../server/identity/opaque_token.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import { assertionOf, assertionType } from "../../support/assertions.ts";
import type { StorePlace } from "../../support/stores.ts";
import { openSqlitePlace } from "../../support/stores.ts";
import type { TestUser, Turn } from "./authenticator_world.ts";
import { addUser, observe, returned } from "./authenticator_world.ts";

const { signal } = new AbortController();
const kept = returned(2000, { registrationData: "kept" });
const thrown: ScriptOutcome = { kind: "failed", code: 3001, message: "it throws" };

const register = (world: World, { authorization }: TestUser, authenticator = "voice") =>
  registerAuthenticator(world, { authenticator, data: "in" }, authorization, signal);
const deregister = (world: World, { authorization }: TestUser, authenticator = "voice") =>
  deregisterAuthenticator(world, { authenticator }, authorization);
const logIn = async (world: World, { signer, profileId }: TestUser, change: object = {}) => {
  const request = { authenticator: "voice", profileId, data: "in", scope: [], ...change };
  const credentials = {
    authorization: undefined,
    clientAssertionType: assertionType,
    clientAssertion: await assertionOf(signer),
  };
  return authenticateUser(world, request, credentials, signal);
};

/** Gives what was taken from the budget of failed logins, less what was given back. */
const failuresIn = (limited: readonly string[][]): number =>
  limited
    .filter(([verb, limit]) => verb === "spend" && limit === "authenticator_failures")
    .reduce((sum, call) => sum + Number(call.at(-1)), 0);

describe("the flows of authenticators", () => {
  let place: StorePlace;
  let store: Store;
  let user: TestUser;
  before(async () => {
    place = await openSqlitePlace();
    const { durable, ephemeral } = place;
    store = await openStore({ durable, ephemeral, clock: systemClock, log: silentLog });
  });
  beforeEach(async () => {
    user = await addUser(store);
  });
  after(async () => {
    await store?.[Symbol.asyncDispose]();
    await place?.cleanup();
  });

  const reasonOf = async (call: Promise<unknown>): Promise<string> => {
    try {
      await call;
      return "";
    } catch (error) {
      if (error instanceof Refusal) return error.reason;
      throw error;
    }
  };

  const passing: [string, Turn, string][] = [
    ["the engine was restarted", new Refusal("UNAVAILABLE"), "UNAVAILABLE"],
    ["the engine's queue was full", new Refusal("RATE_LIMITED"), "RATE_LIMITED"],
    ["a store that the script called was down", { ...thrown, isUnavailable: true }, "UNAVAILABLE"],
    ["the script failed", thrown, "SCRIPT_FAILED"],
  ];
  for (const [why, turn, reason] of passing) {
    it(`are ${reason} when ${why}, and nothing changes`, async () => {
      const { world, calls, limited } = observe(store, [turn, kept, turn, turn, returned(2000)]);
      assert.equal(await reasonOf(register(world, user)), reason);
      await register(world, user);
      assert.equal(await reasonOf(register(world, user)), reason);
      assert.equal(await reasonOf(logIn(world, user)), reason);
      await logIn(world, user);
      assert.equal(calls.at(-1)?.registrationData, "kept");
      assert.equal(failuresIn(limited), 0);
    });
  }

  const costs: [number, number][] = [
    [2000, 0],
    [2500, 0],
    [4000, 1],
    [4999, 1],
    [4001, 0],
    [4002, 0],
    [5000, 0],
  ];
  for (const [status, cost] of costs) {
    it(`count a login with ${status} as ${cost} failures of this authenticator (SEC-75)`, async () => {
      const { world, limited } = observe(store, [kept, returned(status)]);
      await register(world, user);
      await reasonOf(logIn(world, user));
      const key = ["authenticator_failures", user.signer.clientId, user.profileId, "voice"];
      const asked = limited.filter(([, limit]) => limit === "authenticator_failures");
      // Taken before the script runs, so that many at once are not more than one after the other.
      assert.deepEqual(asked.slice(0, 2), [
        ["demand", ...key],
        ["spend", ...key, "1"],
      ]);
      assert.equal(failuresIn(limited), cost);
    });
  }

  it("run no script while too many logins have failed (SEC-75)", async () => {
    await register(observe(store, [kept]).world, user);
    const { world, calls } = observe(store, [], true);
    assert.equal(await reasonOf(logIn(world, user)), "RATE_LIMITED");
    assert.equal(calls.length, 0);
  });

  it("end with the profile (D-65, SEC-52)", async () => {
    const { world, calls } = observe(store, [kept]);
    await register(world, user);
    await store.profiles.remove(user.signer.clientId, user.profileId, "x", systemClock.now());
    assert.equal(await reasonOf(logIn(world, user)), "NOT_REGISTERED");
    assert.equal(await reasonOf(register(world, user)), "ACCESS_TOKEN_INVALID");
    assert.equal(await reasonOf(deregister(world, user)), "ACCESS_TOKEN_INVALID");
    assert.equal(calls.length, 1);
  });

  it("take no token of another user for the profile's, even if one names it (SEC-52)", async () => {
    const [now, token] = [systemClock.now(), tokenSource()()];
    const expiresAt = milliseconds(now + 60_000);
    await store.tokens.issue({
      family: {
        id: uuid(),
        clientId: user.signer.clientId,
        userId: "bob",
        profileId: user.profileId,
        identityProvider: null,
        tokenType: "DEFAULT",
        scope: "read",
        amr: [],
        userDetails: null,
        authTime: now,
        createdAt: now,
      },
      access: { hash: hashToken(token), scope: "read", issuedAt: now, expiresAt },
    });
    const { world, calls } = observe(store, []);
    const bob = { ...user, authorization: `Bearer ${token}` };
    assert.equal(await reasonOf(register(world, bob)), "ACCESS_TOKEN_INVALID");
    assert.equal(await reasonOf(deregister(world, bob)), "ACCESS_TOKEN_INVALID");
    assert.equal(calls.length, 0);
  });

  it("end with the client's application", async () => {
    const { world } = observe(store, [kept]);
    await register(world, user);
    const { applications, ...rest } = world.configuration();
    assert.equal(applications.size, 1);
    const bare = { ...world, configuration: () => ({ ...rest, applications: new Map() }) };
    assert.equal(await reasonOf(logIn(bare, user)), "CLIENT_CREDENTIALS_REJECTED");
    assert.equal(await reasonOf(register(bare, user)), "ACCESS_TOKEN_INVALID");
  });

  describe("say what came of each call (D-63)", () => {
    type Call = (world: World) => Promise<unknown>;
    const nobody = (): TestUser => ({ ...user, authorization: `Bearer ${"A".repeat(64)}` });
    const ran = { script_sha256: "digest", script_version: 3 };
    const registering: [string, Turn[], Call, string, object][] = [
      ["kept", [kept], (w) => register(w, user), "REGISTRATION_SUCCESS", { status: 2000, ...ran }],
      [
        "refused by the script",
        [returned(4000)],
        (w) => register(w, user),
        "REGISTRATION_FAILURE",
        { status: 4000, ...ran },
      ],
      ["known", [returned(4001)], (w) => register(w, user), "USER_ALREADY_REGISTERED", ran],
      ["by nobody", [], (w) => register(w, nobody()), "REGISTRATION_INVALID_ACCESS_TOKEN", {}],
      ["with nothing", [], (w) => register(w, user, "nothing"), "DOES_NOT_EXIST", {}],
      ["with what is disabled", [], (w) => register(w, user, "muted"), "DISABLED", {}],
      ["with the PIN", [], (w) => register(w, user, "pin"), "INVALID_AUTHENTICATOR", {}],
      ["failed", [thrown], (w) => register(w, user), "ERROR", { error_id: "an id", ...ran }],
      [
        "in vain",
        [new Refusal("UNAVAILABLE")],
        (w) => register(w, user),
        "INTERNAL_SERVER_ERROR",
        ran,
      ],
      [
        "too often",
        [new Refusal("RATE_LIMITED")],
        (w) => register(w, user),
        "REGISTRATION_FAILURE",
        ran,
      ],
    ];
    const loggingIn: typeof registering = [
      [
        "let in",
        [returned(2000)],
        (w) => logIn(w, user),
        "AUTHENTICATION_SUCCESS",
        { status: 2000, ...ran },
      ],
      [
        "not yet",
        [returned(4000)],
        (w) => logIn(w, user),
        "AUTHENTICATION_FAILURE",
        { status: 4000, ...ran },
      ],
      [
        "never",
        [returned(5000)],
        (w) => logIn(w, user),
        "AUTHENTICATION_FAILURE",
        { status: 5000, ...ran },
      ],
      ["unknown", [returned(4002)], (w) => logIn(w, user), "USER_NOT_REGISTERED", ran],
      ["without a profile", [], (w) => logIn(w, user, { profileId: "" }), "BAD_REQUEST", {}],
      ["with a wrong scope", [], (w) => logIn(w, user, { scope: ["x"] }), "BAD_REQUEST", {}],
      ["with the PIN", [], (w) => logIn(w, user, { authenticator: "pin" }), "BAD_REQUEST", {}],
      [
        "by nobody",
        [],
        (w) => logIn(w, { ...user, signer: { ...user.signer, clientId: "nobody" } }),
        "INVALID_CLIENT",
        { claimed_client_id: "unknown" },
      ],
      ["of nobody", [], (w) => logIn(w, user, { profileId: "NOBODY" }), "UNKNOWN_USER", {}],
    ];
    const dropping: typeof registering = [
      ["done", [], (w) => deregister(w, user), "DEREGISTRATION_SUCCESS", {}],
      ["by nobody", [], (w) => deregister(w, nobody()), "DEREGISTRATION_INVALID_ACCESS_TOKEN", {}],
    ];
    const calls = [
      ...registering.map(([which, ...rest]) => [`a registration ${which}`, ...rest] as const),
      ...loggingIn.map(
        ([which, turns, ...rest]) => [`a login ${which}`, [kept, ...turns], ...rest] as const,
      ),
      ...dropping.map(([which, ...rest]) => [`a deregistration ${which}`, ...rest] as const),
    ];
    for (const [which, turns, call, type, expected] of calls) {
      it(`of ${which}: ${type}`, async () => {
        const { world, events } = observe(store, turns);
        if (which.startsWith("a login")) {
          await register(world, user);
          events.length = 0;
        }
        await reasonOf(call(world));
        assert.deepEqual(
          events.map((event) => event.type),
          [`CUSTOM_AUTHENTICATOR_${type}`],
        );
        const { authenticator, error_id, profile_id, reason, script, ...details } =
          events[0]?.details ?? {};
        const isRejected = which.startsWith("a login by nobody");
        assert.equal(authenticator === undefined, isRejected);
        const given = { ...details, ...(error_id === undefined ? {} : { error_id: "an id" }) };
        assert.deepEqual(JSON.parse(JSON.stringify(given)), expected);
        const isAnonymous = which.includes("by nobody");
        const { clientId, application } = events[0] ?? {};
        assert.equal(clientId, isAnonymous ? undefined : user.signer.clientId);
        assert.equal(application, isAnonymous ? undefined : "The app");
        assert.doesNotMatch(JSON.stringify(events), /kept|[0-9A-F]{64}/);
      });
    }

    it("of an access token that is not fresh: NOT_FRESH", async () => {
      const { world, events } = observe(store, []);
      const late = { ...world, clock: { now: () => milliseconds(systemClock.now() + 50_000) } };
      assert.equal(await reasonOf(register(late, user)), "FRESH_AUTHENTICATION_REQUIRED");
      assert.equal(events[0]?.type, "CUSTOM_AUTHENTICATOR_NOT_FRESH");
    });

    it("of the fingerprint under its own names (D-43)", async () => {
      const { world, events } = observe(store, []);
      await register(world, user, "fingerprint");
      await deregister(world, user, "fingerprint");
      assert.deepEqual(
        events.map(({ type, details }) => [type, details?.authenticator]),
        [
          ["TOKEN_REQUEST_FINGER_PRINT_TOKEN_CREATED", "fingerprint"],
          ["TOKEN_REVOKE_PROFILE_FINGER_PRINT_TOKENS_SUCCESS", "fingerprint"],
        ],
      );
      assert.doesNotMatch(JSON.stringify(events), /[0-9A-F]{64}/);
    });
  });
});
