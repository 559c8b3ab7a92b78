// Callbacks end to end: the real server calls a real portal, which learns the result by its client.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Callback, CallbackProblem } from "../../../clients/portal/callback_handler.ts";
import { callbackHandler } from "../../../clients/portal/callback_handler.ts";
import type { PortalClient } from "../../../clients/portal/portal_client.ts";
import { portalClient } from "../../../clients/portal/portal_client.ts";
import { webWire } from "../../../clients/web.ts";
import { newSigningSecret } from "../../../server/identity/webhook_signature.ts";
import type { OpenPgpPhone } from "../../support/openpgp_phone.ts";
import { enrolPhone } from "../../support/openpgp_phone.ts";
import type { TestServer } from "../../support/server.ts";
import { startServer } from "../../support/server.ts";
import { secrets, usualSetup } from "../../support/usual_setup.ts";

describe("a portal that is called back", function () {
  this.timeout(90_000);
  const [former, secret] = [newSigningSecret(), newSigningSecret()];
  const callbacks: Callback[] = [];
  const problems: CallbackProblem[] = [];
  let onCallback: (callback: Callback) => Promise<void> | void = () => {};
  let server: TestServer;
  let listener: Server;
  let phone: OpenPgpPhone;
  let bank: PortalClient;
  let url: string;

  before(async () => {
    const handler = callbackHandler({
      secrets: [former],
      onProblem: (problem) => problems.push(problem),
      async onCallback(callback) {
        callbacks.push(callback);
        await onCallback(callback);
      },
    });
    listener = createServer(handler).listen(0, "127.0.0.1");
    await once(listener, "listening");
    url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
    const { setup, ...usual } = await usualSetup();
    // In the middle of a change of the secret: the portal still knows only the former one.
    const entry = { url, signing_secret: secret, previous_signing_secret: former };
    const mobile_authentication = { ...setup.mobile_authentication, callbacks: [entry] };
    server = await startServer({ ...usual, setup: { ...setup, mobile_authentication } });
    phone = await enrolPhone(server, "alice");
    const wire = webWire(server.http);
    bank = portalClient({ wire, clientId: "bank", clientSecret: secrets.bank });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    listener.close();
    listener.closeAllConnections();
  });

  async function answer(isConfirmed: boolean): Promise<string> {
    const started = await bank.startMobileAuthentication({ type: "login", callbackUri: url });
    await phone.fetch({ otp: started.otp ?? "" });
    await phone.respond(started.transactionId, isConfirmed);
    return started.transactionId;
  }

  for (const isConfirmed of [true, false]) {
    it(`believes the server and fetches that it was ${isConfirmed ? "confirmed" : "denied"}`, async () => {
      const fetched = Promise.withResolvers<boolean | undefined>();
      onCallback = async ({ transactionId }) => {
        fetched.resolve((await bank.mobileAuthentication(transactionId))?.isAuthenticated);
      };
      const transactionId = await answer(isConfirmed);
      assert.equal(await fetched.promise, isConfirmed);
      const { id, sentAt, ...callback } = callbacks.at(-1)!;
      assert.deepEqual(callback, { transactionId, callbackUri: url, isRepeated: false });
      assert.match(id, /^msg_/);
      assert(sentAt instanceof Date);
      assert.deepEqual(problems, []);
    });
  }

  it("gets again what it could not handle, under the same id", async () => {
    callbacks.length = 0;
    const handled = Promise.withResolvers<void>();
    onCallback = () => {
      if (callbacks.length === 1) throw new Error("the database is down");
      handled.resolve();
    };
    const transactionId = await answer(true);
    await handled.promise;
    const [first, second] = callbacks;
    assert.equal(first?.id, second?.id);
    for (const each of [first, second]) {
      assert.deepEqual([each?.transactionId, each?.isRepeated], [transactionId, false]);
    }
    assert.equal(problems.length, 1);
  });
});
