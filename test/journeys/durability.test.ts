// What outlives the process: a used assertion stays used and an answered registration stays true,
// however the process ends.
import assert from "node:assert/strict";
import { CompleteRegistrationResponse } from "../../gen/gatewright/v1/registration.ts";
import { authenticated } from "../support/assertions.ts";
import type { KeyClient, Tokens } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import { get } from "../support/http.ts";
import type { Receiver } from "../support/receiver.ts";
import { startReceiver } from "../support/receiver.ts";
import type { TestServer } from "../support/server.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";
import { authenticate, overGrpc } from "./doors.ts";

describe("what outlives the process", function () {
  this.timeout(60_000);
  let phone: KeyClient;
  const server = serverFor(usualSetup);
  before(async () => {
    phone = await registerPhone(server());
  });
  const keySet = async (): Promise<string> => (await get(`${server().http}/oauth/v1/keys`)).text;

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    describe(`that ${signal} ends`, () => {
      const profile_id = signal.slice(0, 6).toUpperCase();
      let assertion: Awaited<ReturnType<typeof authenticated>>;
      let transaction: unknown;
      let keys: string;
      let login: Tokens;

      before(async () => {
        keys = await keySet();
        transaction = (await phone.init("steps", { data: say(2000) })).json.transaction_id;
        const exp = Math.floor(Date.now() / 1000) + 300;
        assertion = await authenticated(phone, { claims: { exp } });
        const body = { ...assertion, data: letIn(signal), profile_id };
        const answer = await phone.complete("puppet", body);
        // Nothing comes between the answer and the end.
        await server().stop(signal);
        login = tokensOf(answer);
        await server().restart();
      });

      it("is that a used assertion stays used (D-04, SEC-06)", async () => {
        const body = { ...assertion, data: letIn(signal), profile_id };
        assertRefused(await phone.complete("puppet", body), 400, "invalid_client");
      });

      it("is a registration that was answered just before (D-13)", async () => {
        const resource = portal(server(), "portal", secrets.portal);
        const { json } = await resource.introspect(login.access_token);
        assert.deepEqual([json.active, json.sub, json.profile_id], [true, signal, profile_id]);
        tokensOf(await phone.refresh(login.refresh_token ?? "", { profile_id }));
      });

      it("is a registration transaction that is open", async () => {
        const body = { transaction_id: transaction, data: letIn("alice"), profile_id: "STEPS1" };
        tokensOf(await phone.complete("steps", body));
      });

      it("is the set of signing keys", async () => {
        assert.equal(await keySet(), keys);
      });
    });
  }
});

/** Registrations through each door; each gives its access token. */
const registrations: [string, (server: TestServer, phone: KeyClient) => Promise<string>][] = [
  [
    "REST",
    async (_, phone) => {
      const answer = await phone.complete("waiting", { profile_id: "W8DUJ2" });
      return tokensOf(answer).access_token;
    },
  ],
  [
    "gRPC",
    async (server, phone) => {
      const message = { ...(await authenticate(phone)), idp: "waiting", profileId: "W8DUJ2" };
      const end = await overGrpc(server, { method: "completeRegistration", message });
      assert.equal(end.code, 0, end.details);
      const { oauthToken } = CompleteRegistrationResponse.decode(end.bytes ?? new Uint8Array());
      return oauthToken?.accessToken ?? "";
    },
  ],
];

for (const [door, register] of registrations) {
  describe(`SIGTERM during a slow call over ${door}`, function () {
    this.timeout(60_000);
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    let receiver: Receiver;
    const server = serverFor(async () => {
      receiver = await startReceiver(() => {
        arrived.resolve();
        return released.promise;
      });
      const { setup, files } = await usualSetup();
      const waiting = `function execute() {
        HTTP.request({ url: "${receiver.url}" });
        return { status: 2000, user: { id: "alice" } };
      }`;
      const provider = {
        id: "waiting",
        type: "CUSTOM_API_ONE_STEP",
        scripts: { complete: "waiting.js" },
      };
      const application = { id: "waiting-app", identity_providers: ["waiting"] };
      return {
        setup: {
          ...setup,
          applications: [...setup.applications, application],
          identity_providers: [...setup.identity_providers, provider],
          egress: { allow: [receiver.url] },
        },
        files: { ...files, "waiting.js": waiting },
      };
    });
    after(async () => receiver?.[Symbol.asyncDispose]());

    it("lets it finish, takes nothing new at any listener, and ends with 0", async () => {
      const phone = await registerPhone(server(), "waiting-app");
      const underWay = register(server(), phone);
      await arrived.promise;
      const exit = server().stop("SIGTERM");
      // The signal was handled when a listener is closed; the others close with it, not after it.
      while ((await accepts(server().http)) || (await accepts(server().admin)));
      released.resolve();
      assert.match(await underWay, /^[0-9A-F]{64}$/);
      assert.deepEqual(await exit, { code: 0, signal: null });
    });
  });
}

const accepts = (base: string): Promise<boolean> =>
  get(`${base}/nothing`).then(
    () => true,
    () => false,
  );
