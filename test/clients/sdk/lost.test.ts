// Requests and answers that are lost, at every call of every flow: what the app is told, and that nobody loses the
// login by it.
import assert from "node:assert/strict";
import { SdkError } from "../../../clients/sdk/error.ts";
import type { AuthenticatorHandler, Biometrics, UserProfile } from "../../../clients/sdk/types.ts";
import { start } from "../../support/mobile_portal.ts";
import type { TestServer } from "../../support/server.ts";
import { serverFor } from "../../support/server.ts";
import { letIn, say } from "../../support/usual_setup.ts";
import type { Loss } from "./network.ts";
import type { Phone } from "./phone.ts";
import { fails, openPhone, pin, registering, registerUser, setupWith, typing } from "./phone.ts";

const newPin = "97123";
const biometrics: Biometrics = { isAvailable: async () => true, confirm: async () => true };
const voice: AuthenticatorHandler = {
  ...typing(pin),
  onCustom: (challenge) => challenge.respond(say(2000)),
};

interface Flow {
  readonly name: string;
  /** The calls that it makes. */
  readonly calls: readonly string[];
  /** Those of them that may be lost once, since they are made again or nothing depends on them. */
  readonly dispensable?: readonly string[];
  /** How it fails when another one is lost. */
  readonly failure?: SdkError["reason"];
  /** The PINs of which one is right afterwards; none when the user may be gone. */
  readonly pins?: readonly string[];
  /** Done before, while the network works. */
  prepare?(phone: Phone, profile: UserProfile): Promise<unknown>;
  run(phone: Phone, profile: UserProfile, server: TestServer): Promise<unknown>;
}

const flows: readonly Flow[] = [
  {
    name: "a login with the PIN",
    calls: ["IssueToken"],
    run: ({ client }, profile) => client.authenticateUser(profile, typing(pin)),
  },
  {
    name: "a login with the fingerprint",
    calls: ["IssueToken"],
    prepare: ({ client }) => client.registerAuthenticator("fingerprint", typing()),
    run: ({ client }, profile) =>
      client.authenticateUser(profile, typing(), { authenticator: "fingerprint" }),
  },
  {
    name: "a login with a custom authenticator",
    calls: ["Authenticate"],
    prepare: ({ client }) => client.registerAuthenticator("voice", voice),
    run: ({ client }, profile) =>
      client.authenticateUser(profile, { ...typing(), ...voice }, { authenticator: "voice" }),
  },
  {
    name: "an implicit login",
    calls: ["IssueToken"],
    run: ({ client }, profile) => client.implicitlyAuthenticateUser(profile),
  },
  {
    name: "the registration of a fingerprint",
    calls: ["ListAuthenticators", "RegisterAuthenticator"],
    dispensable: ["ListAuthenticators"],
    run: ({ client }) => client.registerAuthenticator("fingerprint", typing(pin)),
  },
  {
    name: "the end of a fingerprint",
    calls: ["DeregisterAuthenticator"],
    failure: "DEREGISTERED_ONLY_LOCALLY",
    prepare: ({ client }) => client.registerAuthenticator("fingerprint", typing()),
    run: ({ client }) => client.deregisterAuthenticator("fingerprint"),
  },
  {
    name: "a change of the PIN",
    calls: ["IssueToken"],
    pins: [pin, newPin],
    run: ({ client }) =>
      client.changePin({ ...typing(pin), onCreatePin: (challenge) => challenge.respond(newPin) }),
  },
  {
    name: "an enrolment",
    calls: ["Enrol"],
    run: ({ client }) => client.enrollForMobileAuth(),
  },
  {
    name: "a mobile authentication",
    calls: ["FetchMessage", "Respond"],
    dispensable: ["Respond"],
    prepare: ({ client }) => client.enrollForMobileAuth(),
    async run({ client }, _, server) {
      const { otp } = await start(server);
      const onConfirmation = (challenge: { respond(yes: boolean): void }) =>
        challenge.respond(true);
      return client.handleOtpMobileAuthRequest(otp, { onConfirmation });
    },
  },
  {
    name: "a logout",
    calls: ["RevokeToken"],
    failure: "LOCAL_LOGOUT",
    run: ({ client }) => client.logoutUser(),
  },
  {
    name: "a deregistration",
    calls: ["DeleteProfile"],
    failure: "DEREGISTERED_ONLY_LOCALLY",
    pins: [],
    run: ({ client }, profile) => client.deregisterUser(profile),
  },
  {
    name: "a registration",
    calls: ["InitRegistration", "CompleteRegistration", "RevokeToken"],
    dispensable: ["RevokeToken"],
    run: ({ client }) =>
      client.registerUser(
        { ...registering(letIn("bob")), onInit: (challenge) => challenge.respond(say(2000)) },
        { identityProvider: "steps" },
      ),
  },
];

describe("a loss on the way", function () {
  this.timeout(120_000);
  const server = serverFor(() => setupWith());

  /** Logs in with one of the PINs, as after a new start of the app. */
  async function logIn(phone: Phone, profile: UserProfile, pins: readonly string[]): Promise<void> {
    const client = phone.again();
    await client.authenticateUser(profile, typing(...pins));
    assert.deepEqual(client.authenticatedUserProfile, profile);
  }

  async function lose(flow: Flow, loss: Loss, at: number): Promise<void> {
    const phone = openPhone(server(), { biometrics });
    const profile = await registerUser(phone);
    await flow.prepare?.(phone, profile);
    phone.network.forget();
    phone.network.lose(loss, at);
    const failed = await flow.run(phone, profile, server()).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.equal(phone.network.calls[at], flow.calls[at]);
    if (flow.dispensable?.includes(flow.calls[at] ?? "")) assert.equal(failed, undefined);
    else {
      assert.ok(failed instanceof SdkError, String(failed));
      assert.equal(failed.reason, flow.failure ?? "SERVER_NOT_REACHABLE", failed.message);
    }
    phone.network.mend();
    const pins = flow.pins ?? [pin];
    if (pins.length > 0) await logIn(phone, profile, pins);
    else assert.deepEqual(await phone.client.userProfiles(), []);
    await registerUser(phone);
  }

  for (const flow of flows) {
    it(`leaves ${flow.name} with the calls that it has`, async () => {
      const phone = openPhone(server(), { biometrics });
      const profile = await registerUser(phone);
      await flow.prepare?.(phone, profile);
      phone.network.forget();
      await flow.run(phone, profile, server());
      assert.deepEqual(phone.network.calls, flow.calls);
    });
    for (const [at, call] of flow.calls.entries()) {
      for (const loss of ["request", "answer"] as const) {
        it(`of the ${loss} of ${call} costs ${flow.name} and nothing else`, () =>
          lose(flow, loss, at));
      }
    }
  }

  for (const [at, call] of ["RegisterDevice", "GetAppConfiguration"].entries()) {
    for (const loss of ["request", "answer"] as const) {
      it(`of the ${loss} of ${call} costs the start and nothing else`, async () => {
        const phone = openPhone(server());
        phone.network.lose(loss, at);
        await fails(phone.client.start(), "SERVER_NOT_REACHABLE");
        phone.network.mend();
        await registerUser(phone);
      });
    }
  }

  it("of every answer to a login, many times over, costs nobody the login (D-62)", async () => {
    const phone = openPhone(server());
    const profile = await registerUser(phone);
    phone.network.lose("answer");
    for (let times = 0; times < 7; times += 1) {
      await fails(phone.client.authenticateUser(profile, typing(pin)), "SERVER_NOT_REACHABLE");
    }
    phone.network.mend();
    await logIn(phone, profile, [pin]);
  });

  it("is told apart from a device that is offline, where the platform knows", async () => {
    const phone = openPhone(server());
    const profile = await registerUser(phone);
    phone.network.lose("request");
    Object.defineProperty(navigator, "onLine", { value: false, configurable: true });
    try {
      const login = phone.client.authenticateUser(profile, typing(pin));
      await fails(login, "NETWORK_CONNECTIVITY_PROBLEM");
    } finally {
      Reflect.deleteProperty(navigator, "onLine");
    }
    await fails(phone.client.authenticateUser(profile, typing(pin)), "SERVER_NOT_REACHABLE");
  });

  it("that lasts is a server that is not reached, once the time of a call is over", async () => {
    const phone = openPhone(server());
    const profile = await registerUser(phone);
    const silent = phone.again({
      timeoutMs: 50,
      send: (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener("abort", () => reject(signal.reason)),
        ),
    });
    await fails(silent.start(), "SERVER_NOT_REACHABLE");
    await logIn(phone, profile, [pin]);
  });
});
