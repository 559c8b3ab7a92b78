// The lock of refresh tokens: what a PIN opens, what another PIN gives, and what a record shows: nothing.
import assert from "node:assert/strict";
import { createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { SdkError } from "../../../clients/sdk/error.ts";
import { lock, unlock } from "../../../clients/sdk/pin_lock.ts";
import { memoryStorage } from "../../../clients/sdk/storage/memory.ts";

const newToken = (): string => randomBytes(32).toString("hex").toUpperCase();
const tokenForm = /^[0-9A-F]{64}$/;

const refused = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    (value) => assert.fail(`gave ${value}`),
    (reason: unknown) => reason,
  );
  assert(error instanceof SdkError, String(error));
  return error.reason;
};

const partsOf = (record: string) =>
  record.split(".") as [
    version: string,
    count: string,
    salt: string,
    counter: string,
    text: string,
  ];

describe("lock and unlock", function () {
  this.timeout(60_000);

  it("give the token for its PIN, whatever text the PIN is", async () => {
    const storage = memoryStorage();
    for (const pin of ["12345", "00000", "", "9".repeat(32), "٠١٢٣٤", "pin with ä"]) {
      const token = newToken();
      assert.equal(await unlock(storage, await lock(storage, token, pin), pin), token);
    }
    for (const token of ["0".repeat(64), "F".repeat(64)]) {
      assert.equal(await unlock(storage, await lock(storage, token, "1"), "1"), token);
    }
  });

  it("give another token of the right form for every other PIN, always the same one", async () => {
    const storage = memoryStorage();
    const token = newToken();
    const record = await lock(storage, token, "12345");
    const given = new Set([token]);
    const others = ["12346", "1234", "123450", "54321", "", "12345 "];
    for (const pin of others) {
      const wrong = await unlock(storage, record, pin);
      assert.match(wrong, tokenForm);
      assert.equal(await unlock(storage, record, pin), wrong);
      given.add(wrong);
    }
    assert.equal(given.size, others.length + 1);
  });

  it("give another token on another device", async () => {
    const token = newToken();
    const record = await lock(memoryStorage(), token, "12345");
    const wrong = await unlock(memoryStorage(), record, "12345");
    assert.match(wrong, tokenForm);
    assert.notEqual(wrong, token);
  });

  it("make a new salt, counter and text each time", async () => {
    const storage = memoryStorage();
    const token = newToken();
    const records = [await lock(storage, token, "1"), await lock(storage, token, "1")];
    const [one, other] = records.map((record) => record.split("."));
    assert.deepEqual(one?.slice(0, 2), ["1", "600000"]);
    for (const at of [2, 3, 4]) assert.notEqual(one?.[at], other?.[at]);
  });

  it("use what is documented: PBKDF2, the device's secret, AES-256-CTR over 32 bytes", async () => {
    const storage = memoryStorage();
    const token = newToken();
    const [, count, salt, counter, text] = partsOf(await lock(storage, token, "12345"));
    const stretched = pbkdf2Sync("12345", Buffer.from(salt, "hex"), Number(count), 32, "sha256");
    const input = new Uint8Array([...Buffer.from("pin lock 1\0"), ...stretched]);
    const key = await storage.derive(input);
    const decipher = createDecipheriv("aes-256-ctr", key, Buffer.from(counter, "hex"));
    const plain = Buffer.concat([decipher.update(text, "hex"), decipher.final()]);
    assert.equal(plain.toString("hex").toUpperCase(), token);
    assert.equal(text.length, 64, "nothing but the 32 bytes, which would check a PIN");
  });

  it("lock nothing but tokens", async () => {
    for (const token of ["", "0".repeat(63), "a".repeat(64), "G".repeat(64), `${newToken()}\n`]) {
      assert.equal(await refused(lock(memoryStorage(), token, "1")), "GENERAL_ERROR");
    }
  });

  it("open no record of another form", async () => {
    const storage = memoryStorage();
    const record = await lock(storage, newToken(), "12345");
    const [version, count, salt, counter, text] = partsOf(record);
    const wrong: readonly string[] = [
      "",
      `${record}\n`,
      `${record}.`,
      record.slice(0, -1),
      record.slice(0, -2),
      record.toLowerCase(),
      ["2", count, salt, counter, text].join("."),
      [version, "1", salt, counter, text].join("."),
      [version, "599999", salt, counter, text].join("."),
      [version, "0600000", salt, counter, text].join("."),
      [version, "6e5", salt, counter, text].join("."),
      [version, "99999999", salt, counter, text].join("."),
      [version, count, salt.slice(2), counter, text].join("."),
      [version, count, salt, `${counter}00`, text].join("."),
      [version, count, salt, counter, `${text}00`].join("."),
      [version, count, salt, counter].join("."),
      [version, count, salt, counter, `G${text.slice(1)}`].join("."),
    ];
    for (const each of wrong) {
      assert.equal(await refused(unlock(storage, each, "12345")), "DATA_STORAGE_UNRECOVERABLE");
    }
  });
});
