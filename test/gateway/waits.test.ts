// Calls whose caller asks to wait for the answer: how long they may take, and how they end early.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { GetMobileAuthenticationRequest } from "../../gen/gatewright/v1/mobile_auth.ts";
import { listenGrpc } from "../../server/rpc/listener.ts";
import type { Call } from "../../server/rpc/procedure.ts";
import { rpcClient } from "../support/rpc.ts";
import type { Behind } from "./two_ways.ts";
import { behind, bothWays, raw, refused, statuses, ways } from "./two_ways.ts";

const path = "/oauth/api/v4/authenticate/transaction/t";
const rpc = "/gatewright.v1.MobileAuthenticationService/GetMobileAuthentication";
const deadlineMs = 500;

/** Lets every call wait until it is aborted, and tells of both. */
function holding(server: Behind): { begun: Promise<void>; ended: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  server.handle = (_, { signal }) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => {
      ended.resolve();
      reject(new Error("aborted"));
    });
    begun.resolve();
    return promise;
  };
  return { begun: begun.promise, ended: ended.promise };
}

describe("a call that waits for its answer (D-57)", () => {
  let both: Awaited<ReturnType<typeof bothWays>>;
  beforeEach(async () => {
    both = await bothWays({ deadlineMs, timeouts: { graceMs: 60_000 } });
  });
  afterEach(() => both.stop());

  for (const way of ways) {
    it(`has its wait on top of the deadline, ${way}`, async () => {
      const left: number[] = [];
      both.server.handle = (_, { deadline }: Call) => {
        left.push((deadline ?? 0) - Date.now());
        return {};
      };
      const { public: address } = both.gateways[way];
      const asks = ["", "?wait=0", "?wait=5", "?wait=60"];
      for (const ask of asks) {
        assert.equal((await fetch(`http://${address}${path}${ask}`)).status, 200);
      }
      const body = JSON.stringify({ transactionId: "t", wait: 60 });
      const headers = { "content-type": "application/json" };
      await fetch(`http://${address}${rpc}`, { method: "POST", headers, body });
      const within = left.map((ms, index) => {
        const waited = [0, 0, 5_000, 60_000, 60_000][index] as number;
        return ms > waited / 2 && ms <= waited + 2 * deadlineMs;
      });
      assert.deepEqual(within, [true, true, true, true, true], left.join(", "));
    });

    it(`is answered behind the deadline of others, ${way}`, async () => {
      const { public: address } = both.gateways[way];
      both.server.handle = async ({ wait }) => {
        await new Promise((resolve) => setTimeout(resolve, 3 * deadlineMs));
        return { transactionId: String(wait) };
      };
      const waited = await fetch(`http://${address}${path}?wait=9`);
      const { transaction_id } = (await waited.json()) as { transaction_id: string };
      assert.deepEqual([waited.status, transaction_id], [200, "9"]);
      await refused(await fetch(`http://${address}${path}`), 503, "temporarily_unavailable");
    });

    it(`may not ask for more than the contract allows, ${way}`, async () => {
      const { public: address } = both.gateways[way];
      for (const wait of ["61", "4294967295", "-1", "a"]) {
        const response = await fetch(`http://${address}${path}?wait=${wait}`);
        const { error_code } = await refused(response, 400, "invalid_request");
        assert.equal(error_code, "1003");
      }
    });

    it(`ends at once when its caller hangs up, ${way}`, async () => {
      const held = holding(both.server);
      const [host, port] = both.gateways[way].public.split(":") as [string, string];
      const socket = connect({ host, port: Number(port) });
      socket.write(`GET ${path}?wait=60 HTTP/1.1\r\nhost: a\r\n\r\n`);
      await held.begun;
      socket.destroy();
      await held.ended;
    });

    for (const [wire, bytes] of [
      ["REST", `GET ${path}?wait=60 HTTP/1.1\r\nhost: a\r\n\r\n`],
      [
        "Connect",
        `POST ${rpc} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n` +
          'content-length: 34\r\n\r\n{"transactionId":"tttt","wait":60}',
      ],
    ] as const) {
      it(`is answered UNAVAILABLE by ${wire} when the listener closes, ${way}`, async () => {
        const held = holding(both.server);
        const pending = raw(both.gateways[way].public, bytes);
        await held.begun;
        await both.gateways[way].stop();
        const text = await pending;
        assert.deepEqual(statuses(text), [503]);
        assert.match(text, /temporarily unavailable/);
        await held.ended;
      });
    }
  }

  it("holds nothing up over gRPC either", async () => {
    const server = behind();
    const listener = await listenGrpc("127.0.0.1:0", server.procedures, { trustedProxies: [] });
    const client = rpcClient(listener.address);
    const held = holding(server);
    const request = GetMobileAuthenticationRequest.fromPartial({ transactionId: "t", wait: 60 });
    const pending = client.callBytes(rpc, GetMobileAuthenticationRequest.encode(request).finish());
    await held.begun;
    await listener.close(60_000);
    const { code, reason } = await pending;
    assert.deepEqual([code, reason], [14, "UNAVAILABLE"]);
    client.close();
  });

  it("leaves a connection as it was for what comes next", async () => {
    const { public: address } = both.gateways.embedded;
    const [host, port] = address.split(":") as [string, string];
    both.server.handle = () => ({ transactionId: "t" });
    const socket = connect({ host, port: Number(port) });
    const text: string[] = [];
    socket.setEncoding("utf8").on("data", (piece: string) => text.push(piece));
    const ask = `GET ${path}?wait=1 HTTP/1.1\r\nhost: a\r\n`;
    socket.write(`${ask}\r\n${ask}connection: close\r\n\r\n`);
    await once(socket, "close");
    assert.deepEqual(statuses(text.join("")), [200, 200]);
  });
});
