// The order of the rooms can fail: each rule is broken once, in a copy that holds nothing else.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "./rooms.ts";

const root = join(import.meta.dirname, "../..");

// Rule, the file that breaks it, and what it imports.
const planted: readonly (readonly [rule: string, from: string, to: string])[] = [
  ["no-cycles", "server/flows/a.ts", "./b.ts"],
  ["no-unresolved", "server/core/lost.ts", "./nowhere.ts"],
  ["gen-reads-nobody", "gen/a.ts", "../server/core/room.ts"],
  ["proto", "proto/a.ts", "../server/core/room.ts"],
  ["server-core", "server/core/a.ts", "../store/room.ts"],
  ["server-store", "server/store/a.ts", "../engine/room.ts"],
  ["server-engine", "server/engine/a.ts", "../store/room.ts"],
  ["server-identity", "server/identity/a.ts", "../flows/room.ts"],
  ["server-authenticators", "server/authenticators/a.ts", "../identity/room.ts"],
  ["server-flows", "server/flows/c.ts", "../rpc/room.ts"],
  ["server-rpc", "server/rpc/a.ts", "../main.ts"],
  ["server-main", "server/main.ts", "../gateway/room.ts"],
  ["gateway", "gateway/a.ts", "../server/core/room.ts"],
  ["gateway-embeds", "gateway/upstream/embedded.ts", "../../clients/room.ts"],
  ["clients", "clients/a.ts", "../server/core/room.ts"],
  ["browsers-core", "clients/web.ts", "node:fs"],
  ["browsers-rooms", "clients/client.ts", "../proto/room.ts"],
  ["browsers-node", "clients/sdk/a.ts", "./storage/file.ts"],
  ["pages-core", "clients/demo/browser/a.ts", "node:fs"],
  ["pages-rooms", "clients/demo/browser/b.ts", "../room.ts"],
  ["pages-node", "clients/demo/browser/c.ts", "../../sdk/storage/file.ts"],
  ["run-time-packages", "server/core/b.ts", "mocha"],
];
const rooms = ["store", "engine", "identity", "flows", "rpc", "core"].map(
  (room) => `server/${room}`,
);

describe("the order of the rooms", () => {
  let copy: string;
  before(() => {
    copy = mkdtempSync(join(tmpdir(), "gatewright-rooms-"));
    for (const name of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"]) {
      cpSync(join(root, name), join(copy, name));
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    };
    for (const room of [...rooms, "gateway", "clients", "clients/demo", "proto"]) {
      write(`${room}/room.ts`, "export type Room = 1;\n");
    }
    // An import of a type only: it leaves no trace in what runs, and breaks the order all the same.
    write("server/flows/b.ts", 'export type { Room } from "./a.ts";\n');
    write("clients/sdk/storage/file.ts", 'export type { PathLike as Room } from "node:fs";\n');
    for (const [, from, to] of planted) write(from, `export type { Room } from "${to}";\n`);
  });
  after(() => rmSync(copy, { recursive: true }));

  it("finds each planted violation, and no other", async () => {
    const { violations, modules } = await cruise(copy);
    assert(modules > planted.length, `${modules} modules`);
    const found = violations.map((line) => line.split(" -> ")[0]).sort();
    assert.deepEqual(found, planted.map(([rule, from]) => `${rule}: ${from}`).sort());
  });
});
