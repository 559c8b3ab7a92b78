// Calls whose answers tests read, through both doors: the same answer in the same spelling.
import assert from "node:assert/strict";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { answers, services } from "../../proto/contract.ts";
import type { TestServer } from "../support/server.ts";
import type { Ask } from "./doors.ts";
import { overGrpc, overRest } from "./doors.ts";

/** How a call ended: with an answer, or with the word of a refusal. */
export interface End {
  readonly word: string | undefined;
  /** The answer as REST spells it; of a refusal nothing. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** A way to reach the server. */
export interface Way {
  readonly name: string;
  ask(server: TestServer, ask: Ask): Promise<End>;
}

const outputOf = (method: string) => {
  const found = services
    .flatMap((service) => service.methods)
    .find(({ localName }) => localName === method);
  assert(found, `there is no method ${method}`);
  return found.output;
};

/** Both doors. */
export const ways: readonly Way[] = [
  {
    name: "REST",
    async ask(server, ask) {
      const { status, json, text } = await overRest(server, ask);
      if (status < 400) return { word: undefined, json };
      assert.equal(typeof json.error, "string", text);
      assert.ok(status < 500, text);
      return { word: String(json.error), json: {} };
    },
  },
  {
    name: "gRPC",
    async ask(server, ask) {
      const { code, bytes, reason, details } = await overGrpc(server, ask);
      if (code !== 0) {
        const answer = answers.get(reason as never);
        assert.ok(answer && answer.http < 500, `${reason} ${details}`);
        return { word: answer.word, json: {} };
      }
      const output = outputOf(ask.method);
      const options = { useProtoFieldName: true, alwaysEmitImplicit: false };
      const json = toJson(output, fromBinary(output, bytes ?? new Uint8Array()), options);
      return { word: undefined, json: json as Record<string, unknown> };
    },
  },
];
