// The master secret: given, made once, or asked for.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Settings } from "../../gen/gatewright/v1/settings.ts";
import { readSettings, SettingFault } from "../../proto/settings.ts";
import { masterKey } from "../../server/identity/master_key.ts";
import { masterSecret } from "../../server/master_secret.ts";

describe("masterSecret", () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "gatewright-"));
  });
  afterEach(() => rmSync(data, { recursive: true, force: true }));

  const settingsOf = (more: Record<string, string> = {}): Settings =>
    readSettings({ GATEWRIGHT_DATA: data, ...more });

  it("is made on the first start, for its owner only, and is the same on the next", () => {
    const first = masterSecret(settingsOf());
    assert.deepEqual(readdirSync(data), ["secret"]);
    assert.equal(statSync(join(data, "secret")).mode & 0o777, 0o600);
    const next = masterSecret(settingsOf());
    assert.equal(next.id, first.id);
    assert.ok(next.secret.equals(first.secret));
  });

  it("is another one in another folder", () => {
    const one = masterSecret(settingsOf());
    rmSync(join(data, "secret"));
    assert.notEqual(masterSecret(settingsOf()).id, one.id);
  });

  it("is the one of the settings when they have one, and then no file is made", () => {
    const bytes = randomBytes(32);
    const given = masterSecret(settingsOf({ GATEWRIGHT_SECRET: bytes.toString("base64") }));
    assert.equal(given.id, masterKey(bytes).id);
    assert.deepEqual(readdirSync(data), []);
  });

  for (const store of [
    { GATEWRIGHT_DURABLE: "postgres://127.0.0.1:1/x" },
    { GATEWRIGHT_EPHEMERAL: "redis://127.0.0.1:1" },
  ]) {
    it(`is asked for when a store is not embedded: ${Object.keys(store)}`, () => {
      assert.throws(
        () => masterSecret(settingsOf(store)),
        (error) => error instanceof SettingFault && /^GATEWRIGHT_SECRET: /.test(error.message),
      );
      assert.deepEqual(readdirSync(data), []);
    });
  }

  it("is the same for all that start at once", async () => {
    const source = `
      const { parentPort, workerData } = require("node:worker_threads");
      const gate = new Int32Array(workerData.gate);
      import(workerData.module).then(({ masterSecret }) => {
        if (Atomics.add(gate, 0, 1) + 1 === workerData.count) Atomics.notify(gate, 0);
        else while (Atomics.load(gate, 0) < workerData.count) Atomics.wait(gate, 0, Atomics.load(gate, 0), 10);
        parentPort.postMessage(masterSecret(workerData.settings).id);
      });`;
    const module = new URL("../../server/master_secret.ts", import.meta.url).href;
    const count = 3;
    const gate = new SharedArrayBuffer(4);
    const workerData = { gate, count, module, settings: settingsOf() };
    const workers = Array.from(
      { length: count },
      () => new Worker(source, { eval: true, workerData }),
    );
    const ids = await Promise.all(
      workers.map(async (worker) => (await once(worker, "message"))[0]),
    );
    assert.deepEqual(new Set(ids), new Set([masterSecret(settingsOf()).id]));
    assert.deepEqual(readdirSync(data), ["secret"]);
  });

  it("does not take what a start that was cut off left under another name", () => {
    writeFileSync(join(data, "secret.cut-off"), "");
    const { id } = masterSecret(settingsOf());
    assert.equal(masterSecret(settingsOf()).id, id);
  });

  it("never has its name before it is whole", async () => {
    // The disk is full for files of any length, as it may be between making a file and writing it.
    const source = `
      const fs = require("node:fs");
      const { syncBuiltinESMExports } = require("node:module");
      const { parentPort, workerData } = require("node:worker_threads");
      fs.writeSync = () => { throw new Error("no space left"); };
      syncBuiltinESMExports();
      import(workerData.module).then(({ masterSecret }) => {
        try { masterSecret(workerData.settings); parentPort.postMessage("made"); }
        catch (error) { parentPort.postMessage(error.message); }
      });`;
    const module = new URL("../../server/master_secret.ts", import.meta.url).href;
    const workerData = { module, settings: settingsOf() };
    const worker = new Worker(source, { eval: true, workerData });
    assert.deepEqual(await once(worker, "message"), ["no space left"]);
    assert.deepEqual(readdirSync(data), []);
    masterSecret(settingsOf());
  });
});
