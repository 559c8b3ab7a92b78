// How a portal learns of the end of mobile authentications, while connections, servers and users come and go.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { WaitOptions } from "../../../clients/portal/mobile_authentication_end.ts";
import type { PortalClient } from "../../../clients/portal/portal_client.ts";
import { portalClient } from "../../../clients/portal/portal_client.ts";
import { webWire } from "../../../clients/web.ts";
import { WatchTransactionResponse } from "../../../gen/gatewright/v1/mobile_auth.ts";
import { enrolPhone } from "../../support/openpgp_phone.ts";
import { serverFor } from "../../support/server.ts";
import { secrets, usualSetup } from "../../support/usual_setup.ts";
import { codeOf, placeOf, reasonOf, rows, start, ways } from "./portal_place.ts";

for (const row of rows) {
  describe(`a portal that waits over ${row.name} with the ${row.deployment} deployment`, function () {
    this.timeout(90_000);
    const { server, phone, proxy, open } = placeOf(row);

    for (const way of ways) {
      const waiting = (bank: PortalClient, id: string, more: WaitOptions = {}) =>
        bank.awaitMobileAuthentication(id, { way, ...more });

      const answers = [
        [true, undefined],
        [false, "not_accepted"],
        ["nonsense", "invalid_answer"],
      ] as const;
      for (const [answer, reason] of answers) {
        it(`learns by ${way} that the answer is ${answer}`, async () => {
          const bank = open("bank");
          const started = await start(bank);
          const wait = waiting(bank, started.id);
          await phone().fetch(started);
          await phone().respond(started.id, answer);
          const end = await wait;
          assert(end.state === "answered");
          const { isAuthenticated, userId, notAuthenticatedReason } = end.result;
          assert.deepEqual([isAuthenticated, userId], [answer === true, "alice"]);
          assert.equal(notAuthenticatedReason?.reason, reason);
          // One that has ended is known at once.
          assert.deepEqual(await waiting(bank, started.id), end);
        });
      }

      it(`learns by ${way} of nothing that is not its own`, async () => {
        const { id } = await start(open("bank"));
        const reason = await reasonOf(waiting(open("shop"), id));
        assert.equal(reason, "MOBILE_AUTHENTICATION_NOT_FOUND");
      });

      it(`survives by ${way} that the connection is lost, again and again`, async () => {
        const bank = open("bank");
        const started = await start(bank);
        const end = waiting(bank, started.id);
        for (let time = 0; time < 3; time += 1) {
          await sleep(200);
          proxy().cut();
          await sleep(200);
          proxy().mend();
        }
        await phone().fetch(started);
        proxy().cut();
        await phone().respond(started.id, true);
        proxy().mend();
        assert.equal((await end).state, "answered");
      });

      it(`stops by ${way} when it is told to, also while nobody is reached`, async () => {
        const bank = open("bank");
        const { id } = await start(bank);
        assert.equal(await codeOf(waiting(bank, id, { signal: AbortSignal.abort() })), "canceled");
        const leaving = new AbortController();
        const failed = codeOf(waiting(bank, id, { signal: leaving.signal }));
        await sleep(300);
        leaving.abort(new Error("the user left"));
        assert.equal(await failed, "canceled");
        proxy().cut();
        const other = new AbortController();
        const lost = codeOf(waiting(bank, id, { signal: other.signal }));
        await sleep(300);
        other.abort();
        assert.equal(await lost, "canceled");
      });

      it(`gives up by ${way} after the time that it may take, reached or not`, async () => {
        const bank = open("bank");
        const { id } = await start(bank);
        const limited = { timeoutMs: 300 };
        assert.equal(await codeOf(waiting(bank, id, limited)), "deadline_exceeded");
        proxy().cut();
        assert.equal(await codeOf(waiting(bank, id, limited)), "deadline_exceeded");
      });
    }

    it("learns by either way that nobody answered", async () => {
      const bank = open("bank");
      const short = { type: "short", message: "Yes?" };
      const { transactionId } = await bank.startMobileAuthentication(short);
      const waits = ways.map((way) => bank.awaitMobileAuthentication(transactionId, { way }));
      assert.deepEqual(await Promise.all(waits), [{ state: "expired" }, { state: "expired" }]);
    });

    it("tells each state of a stream once, as soon as it is known", async () => {
      const bank = open("bank");
      const started = await start(bank);
      const states: string[] = [];
      const told = {
        pending: Promise.withResolvers<void>(),
        fetched: Promise.withResolvers<void>(),
      };
      const onState = (state: string): void => {
        states.push(state);
        told[state as keyof typeof told].resolve();
      };
      const end = bank.awaitMobileAuthentication(started.id, { onState });
      await told.pending.promise;
      await phone().fetch(started);
      await told.fetched.promise;
      proxy().cut();
      proxy().mend();
      await phone().respond(started.id, true);
      await end;
      assert.deepEqual(states, ["pending", "fetched"]);
    });

    it("survives that the server is started anew", async () => {
      const bank = open("bank");
      const started = await start(bank);
      const ends = ways.map((way) => bank.awaitMobileAuthentication(started.id, { way }));
      await phone().fetch(started);
      await server().restart();
      await phone().respond(started.id, true);
      for (const end of ends) assert.equal((await end).state, "answered");
    });
  });
}

describe("a portal whose stream says nothing any more, though nobody ended it", function () {
  this.timeout(90_000);
  const server = serverFor(usualSetup);
  // Speaks once, as the server does, and then never again.
  const dumb = createServer((_, response) => {
    const message = WatchTransactionResponse.encode({ state: "pending", result: undefined });
    const bytes = message.finish();
    response.writeHead(200, { "content-type": "application/connect+proto" });
    response.write(Uint8Array.of(0, 0, 0, 0, bytes.length, ...bytes));
  });
  before(async () => {
    await once(dumb.listen(0, "127.0.0.1"), "listening");
  });
  after(() => {
    dumb.close();
    dumb.closeAllConnections();
  });

  it("opens another one", async () => {
    const phone = await enrolPhone(server(), "alice");
    const { host } = new URL(server().http);
    const hosts = [`127.0.0.1:${(dumb.address() as AddressInfo).port}`];
    const wire = webWire("http://portal.invalid", (url, init) =>
      fetch(url.replace("portal.invalid", hosts.shift() ?? host), init),
    );
    const bank = { wire: webWire(server().http), clientId: "bank", clientSecret: secrets.bank };
    const started = await portalClient(bank).startMobileAuthentication({ type: "login" });
    const end = portalClient({ ...bank, wire }).awaitMobileAuthentication(started.transactionId, {
      silenceMs: 300,
    });
    await phone.fetch({ otp: started.otp ?? "" });
    await phone.respond(started.transactionId, true);
    assert.equal((await end).state, "answered");
    assert.deepEqual(hosts, []);
  });
});
