// Streams through the gateway, with the library's own clients and through both ways to the server.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { registry } from "../../proto/contract.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { Call } from "../../server/rpc/procedure.ts";
import { bothWays, ways } from "./two_ways.ts";

const deadlineMs = 200;
const errorInfo = registry.getMessage("google.rpc.ErrorInfo");

const wires: Readonly<Record<string, (baseUrl: string) => Transport>> = {
  Connect: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
};

interface Answer {
  readonly execution?: { readonly id: string };
}
/** Of the library's client for messages that no code was generated for. */
interface Tailing {
  tailExecutions(request: object, options?: object): AsyncIterable<Answer>;
}

function tail(address: string, wire: string, options: object = {}): AsyncIterable<Answer> {
  const service = registry.getService("gatewright.v1.ScriptAdminService");
  assert.ok(service);
  const transport = wires[wire]?.(`http://${address}`);
  assert.ok(transport);
  return (createClient(service, transport) as unknown as Tailing).tailExecutions({}, options);
}

const untilAborted = ({ signal }: Call): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

/** Reads to the end; gives the ids, and how it ended. */
async function readAll(
  answers: AsyncIterable<Answer>,
  seen: string[] = [],
): Promise<{ ids: string[]; error: ConnectError | undefined }> {
  try {
    for await (const { execution } of answers) seen.push(execution?.id ?? "");
    return { ids: seen, error: undefined };
  } catch (error) {
    return { ids: seen, error: ConnectError.from(error) };
  }
}

function reasonOf(error: ConnectError | undefined): unknown {
  assert.ok(error && errorInfo);
  const [info] = error.findDetails(errorInfo) as unknown as { reason: string }[];
  return info?.reason;
}

describe("a stream through the gateway", () => {
  let both: Awaited<ReturnType<typeof bothWays>>;
  beforeEach(async () => {
    both = await bothWays({ deadlineMs });
  });
  afterEach(() => both.stop());

  for (const way of ways) {
    for (const wire of Object.keys(wires)) {
      it(`brings each message as it comes, and its end, by ${wire}, ${way}`, async () => {
        const read = Promise.withResolvers<void>();
        both.server.handle = async function* () {
          yield { execution: { id: "a" } };
          // The second comes only when the first was read.
          await read.promise;
          yield { execution: { id: "b" } };
        };
        const ids: string[] = [];
        for await (const { execution } of tail(both.gateways[way].admin, wire)) {
          ids.push(execution?.id ?? "");
          read.resolve();
        }
        assert.deepEqual(ids, ["a", "b"]);
      });

      it(`outlives the deadline of other calls by ${wire}, ${way}`, async () => {
        both.server.handle = async function* () {
          yield { execution: { id: "a" } };
          await sleep(3 * deadlineMs);
          yield { execution: { id: "b" } };
        };
        const { ids, error } = await readAll(tail(both.gateways[way].admin, wire));
        assert.deepEqual([ids, error], [["a", "b"], undefined]);
      });

      it(`ends at the server when its reader leaves by ${wire}, ${way}`, async () => {
        const left = Promise.withResolvers<void>();
        both.server.handle = async function* (_, call) {
          yield { execution: { id: "a" } };
          await untilAborted(call);
          left.resolve();
        };
        const leaving = new AbortController();
        const { signal } = leaving;
        const seen: string[] = [];
        const reading = readAll(tail(both.gateways[way].admin, wire, { signal }), seen);
        while (seen.length === 0) await sleep(5);
        leaving.abort();
        await Promise.all([left.promise, reading]);
      });

      it(`ends with what the server says by ${wire}, ${way}`, async () => {
        both.server.handle = async function* () {
          yield { execution: { id: "a" } };
          throw new Refusal("PERMISSION_MISSING");
        };
        const { ids, error } = await readAll(tail(both.gateways[way].admin, wire));
        assert.deepEqual([ids, error?.code], [["a"], Code.PermissionDenied]);
        assert.equal(reasonOf(error), "PERMISSION_MISSING");
      });

      it(`ends as unavailable when its listener closes by ${wire}, ${way}`, async () => {
        both.server.handle = async function* (_, call) {
          yield { execution: { id: "a" } };
          await untilAborted(call);
        };
        const seen: string[] = [];
        const reading = readAll(tail(both.gateways[way].admin, wire), seen);
        while (seen.length === 0) await sleep(5);
        await both.gateways[way].stop();
        const { error } = await reading;
        assert.deepEqual([error?.code, reasonOf(error)], [Code.Unavailable, "UNAVAILABLE"]);
      });
    }
  }

  it("keeps to the time that its reader gives it", async () => {
    const aborted = Promise.withResolvers<void>();
    both.server.handle = async function* (_, call) {
      yield { execution: { id: "a" } };
      await untilAborted(call);
      aborted.resolve();
    };
    const answers = tail(both.gateways.embedded.admin, "Connect", { timeoutMs: 100 });
    const { error } = await readAll(answers);
    assert.equal(error?.code, Code.DeadlineExceeded);
    await aborted.promise;
  });
});
