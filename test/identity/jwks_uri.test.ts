// Keys of clients with a jwks_uri, from a server that counts, under a clock moved by hand.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, type Milliseconds, milliseconds } from "../../server/core/clock.ts";
import { type Facts, type Log, silentLog } from "../../server/core/log.ts";
import type { ClientKeys } from "../../server/identity/client_keys.ts";
import {
  type JwksCache,
  type JwksResponse,
  readJwksUri,
  remoteJwks,
} from "../../server/identity/jwks_uri.ts";
import { refusalOf } from "./assertion_maker.ts";

const jwk = (kid: string): object => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...publicKey.export({ format: "jwk" }), kid };
};

const setOf = (...kids: string[]): string => JSON.stringify({ keys: kids.map(jwk) });

const minute = 60_000;

/** A cache port over a Map, whose entries live by the given clock. */
const mapCache = (clock: Clock): JwksCache => {
  const entries = new Map<string, { value: string; until: number }>();
  return {
    async get(key) {
      const entry = entries.get(key);
      return entry !== undefined && entry.until > clock.now() ? entry.value : undefined;
    },
    async set(key, value, ttl) {
      entries.set(key, { value, until: clock.now() + ttl });
    },
  };
};

const fetchWhole = async (url: string): Promise<JwksResponse> => {
  const response = await fetch(url, { redirect: "manual" });
  return { status: response.status, body: await response.bytes() };
};

describe("remoteJwks", () => {
  let server: Server;
  let url: string;
  let answer: { status: number; body: string | Uint8Array };
  let fetched: number;
  let at: number;
  let warnings: Facts[];
  const clock: Clock = { now: () => milliseconds(at) };
  const log: Log = { ...silentLog, warn: (_, facts) => void warnings.push(facts ?? {}) };

  before(async () => {
    server = createServer((_, response) => {
      fetched++;
      response.writeHead(answer.status, { location: "http://127.0.0.1:1/" }).end(answer.body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  beforeEach(() => {
    fetched = 0;
    at = 1_800_000_000_000;
    warnings = [];
    answer = { status: 200, body: setOf("k1") };
  });

  const build = (cache = mapCache(clock)) => {
    const keysOf = remoteJwks({ fetch: fetchWhole, cache, clock, log });
    return (kid: string, clientId = "c1"): Promise<ClientKeys> => keysOf({ clientId, url, kid });
  };

  it("SEC-17 fetches a set once and keeps it while it is fresh", async () => {
    const keysOf = build();
    for (let call = 0; call < 5; call++) assert.ok((await keysOf("k1")).has("k1"));
    at += 59 * minute;
    assert.ok((await keysOf("k1")).has("k1"));
    assert.equal(fetched, 1);
    at += 2 * minute;
    assert.ok((await keysOf("k1")).has("k1"));
    assert.equal(fetched, 2);
  });

  it("SEC-17 has one fetch in flight for a client however many ask", async () => {
    const keysOf = build();
    const all = await Promise.all(Array.from({ length: 50 }, () => keysOf("k1")));
    assert.ok(all.every((keys) => keys.has("k1")));
    assert.equal(fetched, 1);
  });

  it("SEC-17 fetches at most once a minute for a client whatever kids are asked for", async () => {
    const keysOf = build();
    await keysOf("k1");
    at += 2 * minute;
    for (let wave = 0; wave < 10; wave++) {
      const kids = Array.from({ length: 20 }, (_, index) => `unknown ${wave} ${index}`);
      const all = await Promise.all(kids.map((kid) => keysOf(kid)));
      assert.ok(all.every((keys) => keys.has("k1") && keys.size === 1));
      at += 5000;
    }
    assert.equal(fetched, 2);
    at += minute;
    await keysOf("unknown");
    assert.equal(fetched, 3);
  });

  it("finds a new key at the first assertion that is signed with it", async () => {
    const keysOf = build();
    await keysOf("k1");
    at += 2 * minute;
    answer.body = setOf("k1", "k2");
    assert.ok((await keysOf("k2")).has("k2"));
    assert.equal(fetched, 2);
  });

  it("drops a key that is published no more", async () => {
    const keysOf = build();
    await keysOf("k1");
    at += 2 * minute;
    answer.body = setOf("k2");
    assert.ok(!(await keysOf("k2")).has("k1"));
    assert.ok(!(await keysOf("k1")).has("k1"));
  });

  it("counts each client for itself", async () => {
    const keysOf = build();
    await keysOf("k1", "c1");
    await keysOf("k1", "c2");
    assert.equal(fetched, 2);
  });

  it("shares what it fetched with other processes through the cache", async () => {
    const cache = mapCache(clock);
    await build(cache)("k1");
    assert.ok((await build(cache)("k1")).has("k1"));
    assert.equal(fetched, 1);
  });

  const failures: Readonly<Record<string, { status: number; body: string | Uint8Array }>> = {
    "an error": { status: 500, body: setOf("k1") },
    "a redirect": { status: 302, body: "" },
    "an answer without content": { status: 204, body: "" },
    "no JSON": { status: 200, body: "<html>" },
    "no set": { status: 200, body: "[]" },
    "a set with a member twice": { status: 200, body: '{"keys":[],"keys":[]}' },
    "bytes that are not UTF-8": { status: 200, body: new Uint8Array([0xff, 0xfe]) },
    "over 64 KiB": { status: 200, body: `${setOf("k1")}${" ".repeat(64 * 1024)}` },
    "21 keys": {
      status: 200,
      body: setOf(...Array.from({ length: 21 }, (_, index) => `k${index}`)),
    },
    "two keys of one kid": { status: 200, body: setOf("k1", "k1") },
  };

  for (const [what, failure] of Object.entries(failures)) {
    it(`SEC-17 serves the last good set for a while when the server gives ${what}`, async () => {
      const keysOf = build();
      await keysOf("k1");
      answer = failure;
      at += 61 * minute;
      assert.ok((await keysOf("k1")).has("k1"));
      assert.ok((await keysOf("k1")).has("k1"));
      assert.equal(fetched, 2);
      assert.equal(warnings.length, 1);
      assert.equal(warnings[0]?.client_id, "c1");
      at += 23 * 60 * minute;
      assert.equal((await keysOf("k1")).size, 0);
    });
  }

  it("gives no keys while a server has never answered, and asks again after 5 seconds", async () => {
    const keysOf = build();
    answer = { status: 503, body: "" };
    assert.equal((await keysOf("k1")).size, 0);
    assert.equal((await keysOf("k1")).size, 0);
    at += 4999;
    assert.equal((await keysOf("k1")).size, 0);
    assert.equal(fetched, 1);
    at += 1;
    answer = { status: 200, body: setOf("k1") };
    assert.ok((await keysOf("k1")).has("k1"));
    assert.equal(fetched, 2);
  });

  it("SEC-17 has one fetch in flight for a client that has no set yet, however long it takes", async () => {
    const keysOf = build();
    const first = keysOf("k1");
    at += minute;
    await Promise.all([first, keysOf("k1"), keysOf("k2")]);
    assert.equal(fetched, 1);
  });

  it("gives no keys when nothing listens at the address", async () => {
    const keysOf = remoteJwks({ fetch: fetchWhole, cache: mapCache(clock), clock, log });
    const keys = await keysOf({ clientId: "c1", url: "http://127.0.0.1:1/", kid: "k1" });
    assert.equal(keys.size, 0);
    assert.equal(warnings.length, 1);
  });

  it("SEC-17 asks for no address that is not https, or http to the own machine", async () => {
    let asked = 0;
    const fetchJwks = async (): Promise<JwksResponse> => {
      asked++;
      return { status: 200, body: Buffer.from(setOf("k1")) };
    };
    const keysOf = remoteJwks({ fetch: fetchJwks, cache: mapCache(clock), clock, log });
    for (const address of ["http://example.com/", "file:///etc/passwd", "data:,{}", "nonsense"]) {
      assert.equal((await keysOf({ clientId: "c1", url: address, kid: "k1" })).size, 0);
    }
    assert.equal(asked, 0);
    await keysOf({ clientId: "c1", url: "https://example.com/", kid: "k1" });
    assert.equal(asked, 1);
  });

  it("SEC-17 serves no set beyond its time, also from a cache that forgets nothing", async () => {
    const entries = new Map<string, string>();
    const cache: JwksCache = {
      get: async (key) => entries.get(key),
      set: async (key, value) => void entries.set(key, value),
    };
    const keysOf = build(cache);
    await keysOf("k1");
    answer = { status: 500, body: "" };
    at += 24 * 60 * minute;
    assert.equal((await keysOf("k1")).size, 0);
  });

  it("passes over keys for other purposes and private ones", async () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
      format: "jwk",
    });
    const keys = [
      { ...rsa, kid: "rsa" },
      { ...jwk("enc"), use: "enc" },
      { ...pair.privateKey.export({ format: "jwk" }), kid: "private" },
      { ...jwk("no kid"), kid: undefined },
      "nonsense",
      jwk("k1"),
    ];
    answer.body = JSON.stringify({ keys });
    assert.deepEqual([...(await build()("k1")).keys()], ["k1"]);
  });

  it("rejects when the cache does, rather than say that there are no keys", async () => {
    const down: JwksCache = {
      get: () => Promise.reject(new Error("down")),
      set: (_key: string, _value: string, _ttl: Milliseconds) => Promise.resolve(),
    };
    await assert.rejects(build(down)("k1"), /down/);
  });
});

describe("readJwksUri", () => {
  for (const address of [
    "https://example.com/jwks?tenant=1",
    "http://127.0.0.1:8080/",
    "http://[::1]/",
  ]) {
    it(`accepts ${address}`, () => {
      assert.equal(readJwksUri(address), address);
    });
  }

  for (const value of [
    "http://example.com/jwks",
    "http://127.0.0.1.example.com/",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com/#fragment",
    "ftp://example.com/",
    "/jwks",
    "",
    undefined,
    { href: "https://example.com/" },
    `https://example.com/${"x".repeat(2048)}`,
  ]) {
    it(`SEC-56 refuses ${JSON.stringify(value)?.slice(0, 60)}`, () => {
      const refusal = refusalOf(() => readJwksUri(value));
      assert.equal(refusal?.reason, "CLIENT_METADATA_INVALID");
      assert.equal(refusal.facts.field, "jwks_uri");
    });
  }
});
