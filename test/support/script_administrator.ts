// The administrator of the usual set-up, at ScriptAdminService: REST for single calls, typed clients for
// streams.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallError } from "../../clients/call_error.ts";
import type { Wire } from "../../clients/client.ts";
import { createClient } from "../../clients/client.ts";
import { grpcWire } from "../../clients/grpc.ts";
import { webWire } from "../../clients/web.ts";
import type { Execution, TailExecutionsRequest } from "../../gen/gatewright/v1/script_admin.ts";
import { ScriptAdminServiceDefinition } from "../../gen/gatewright/v1/script_admin.ts";
import { asAdmin } from "./administrator.ts";
import type { HttpAnswer } from "./http.ts";
import { get, postJson } from "./http.ts";

interface Place {
  readonly admin: string;
  readonly grpc: string;
}

/** The JSON of an execution, or of another answer. */
// biome-ignore lint/suspicious/noExplicitAny: tests read answers as strangers do.
export type Json = any;

/** Reads `/admin/v1/PATH`; fails when it is refused. */
export async function readAdmin({ admin }: Place, path: string): Promise<Json> {
  const answer = await get(`${admin}/admin/v1/${path}`, asAdmin);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Posts to `/admin/v1/PATH`. */
export const postAdmin = ({ admin }: Place, path: string, body: object = {}): Promise<HttpAnswer> =>
  postJson(`${admin}/admin/v1/${path}`, body, asAdmin);

/** Gives an execution with all that is known of it. */
export const readExecution = async (server: Place, id: string): Promise<Json> =>
  (await readAdmin(server, `executions/${id}`)).execution;

/** Gives the executions, newest first, as soon as they are what they should be; fails after 15 s. */
export async function listedExecutions(
  server: Place,
  query: string,
  isEnough: (executions: readonly Json[]) => boolean,
): Promise<readonly Json[]> {
  for (let tries = 0; ; tries += 1) {
    const { executions = [] } = await readAdmin(server, `executions?${query}`);
    if (isEnough(executions)) return executions;
    if (tries === 150) assert.fail(`the executions are ${JSON.stringify(executions)}`);
    await sleep(100);
  }
}

/** The ways to a stream. */
export const wires: Readonly<
  Record<"gRPC" | "Connect", (server: Place) => Wire & Partial<Disposable>>
> = {
  gRPC: ({ grpc }) => grpcWire(grpc),
  Connect: ({ admin }) => webWire(admin),
};

/** A stream of executions under way. */
export interface Tail {
  /** What came so far. */
  readonly seen: readonly Execution[];
  /** Resolves when it is under way, or rejects with what keeps it from that. */
  readonly begun: Promise<void>;
  /** Resolves when it has ended: undefined, or what it ended with. */
  readonly ended: Promise<CallError | undefined>;
  /** Resolves when as many executions came; fails after 15 s. */
  has(count: number): Promise<readonly Execution[]>;
  /** Leaves. */
  stop(): Promise<void>;
}

/** Opens a stream of executions over a wire, as the administrator unless told otherwise. */
export function openTail(
  server: Place,
  wire: keyof typeof wires,
  request: Partial<TailExecutionsRequest> = {},
  headers: Readonly<Record<string, string>> = asAdmin,
): Tail {
  const opened = wires[wire](server);
  const leaving = new AbortController();
  const seen: Execution[] = [];
  const begun = Promise.withResolvers<void>();
  begun.promise.catch(() => {});
  async function read(): Promise<CallError | undefined> {
    try {
      const options = { headers, signal: leaving.signal };
      const client = createClient(ScriptAdminServiceDefinition, opened);
      for await (const { execution } of client.tailExecutions(request, options)) {
        begun.resolve();
        if (execution) seen.push(execution);
      }
      return undefined;
    } catch (error) {
      begun.reject(error);
      return error as CallError;
    } finally {
      opened[Symbol.dispose]?.();
    }
  }
  const ended = read();
  return {
    seen,
    begun: begun.promise,
    ended,
    async has(count) {
      for (let tries = 0; seen.length < count && tries < 150; tries += 1) await sleep(100);
      assert.ok(seen.length >= count, `only ${seen.length} of ${count} executions came`);
      return seen;
    },
    async stop() {
      leaving.abort();
      await ended;
    },
  };
}
