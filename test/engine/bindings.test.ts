// What scripts can name: CACHE, LOG, REST_TEMPLATE, HTTP, random values, hashes and Java's classes.
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindings } from "../../server/engine/bindings/table.ts";
import type { Engine } from "../../server/engine/engine.ts";
import { evaluate, failed, returned, runBody, testEngine } from "./support/engine.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

describe("bindings", () => {
  let engine: Engine;
  let portal: Receiver;
  before(async () => {
    portal = await startReceiver(({ method, path, headers, body }, response) => {
      const [, status = "200"] = /^\/status\/(\d+)/.exec(path) ?? [];
      response.statusCode = Number(status);
      if (status === "302") response.setHeader("location", "/elsewhere");
      if (method === "OPTIONS") response.setHeader("allow", "GET, POST");
      response.setHeader("content-type", "application/json");
      response.setHeader("location", "http://portal/created/1");
      const type = headers["content-type"] ?? null;
      response.end(path === "/empty" ? "" : JSON.stringify({ method, path, type, body }));
    });
    engine = await testEngine({ egress: { allow: [portal.origin] } });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await portal[Symbol.asyncDispose]();
  });

  const value = (expression: string) =>
    evaluate(engine, expression.replaceAll("PORTAL", portal.origin));

  for (const { name } of bindings) {
    it(`has ${name} on the guest side`, async () => {
      assert.notEqual(await value(`typeof (${name})`), "undefined");
      assert.notEqual(await value(`String(${name})`), `[JavaPackage ${name}]`);
    });
  }

  describe("CACHE (D-22)", () => {
    const thrownBy = (call: string, on: Engine) =>
      evaluate(
        on,
        `(() => { try { ${call}; return "nothing" } catch (e) { return e.getClass().getName() } })()`,
      );

    it("stores, fetches, takes once and deletes, across runs", async () => {
      await value('CACHE.store("a", "1", 35)');
      assert.equal(await value('CACHE.fetch("a")'), "1");
      assert.deepEqual(await value('[CACHE.take("a"), CACHE.take("a"), CACHE.fetch("a")]'), [
        "1",
        null,
        null,
      ]);
      assert.equal(
        await value('(CACHE.store("a", "2"), CACHE.delete("a"), CACHE.fetch("a"))'),
        null,
      );
    });

    it("stores undefined as its word, null as a removal, and other values as text", async () => {
      assert.equal(await value('(CACHE.store("b", undefined), CACHE.fetch("b"))'), "undefined");
      assert.equal(await value('(CACHE.store("b", null), CACHE.fetch("b"))'), null);
      assert.equal(await value('(CACHE.store("b", 12), CACHE.fetch("b"))'), "12");
      assert.equal(await value('(CACHE.store("b", { a: 1 }), CACHE.fetch("b"))'), '{"a":1}');
      const id = await value('(CACHE.store("b", java.util.UUID.randomUUID()), CACHE.fetch("b"))');
      assert.match(String(id), /^[0-9a-f-]{36}$/);
    });

    it("throws a catchable exception for what the store finds out of bounds", async () => {
      const folder = await mkdtemp(join(tmpdir(), "gatewright-"));
      await using onStore = await testEngine({
        workerUrl: new URL("../../server/script_worker.ts", import.meta.url),
        workerData: { ephemeral: `sqlite:${join(folder, "ephemeral.db")}`, cacheTtl: 300 },
      });
      for (const call of [
        'CACHE.store("x".repeat(513), "v")',
        'CACHE.store("", "v")',
        'CACHE.fetch("")',
        'CACHE.store("k", "x".repeat(65537))',
        'CACHE.store("k", "v", 0)',
        'CACHE.store("k", "v", "soon")',
        'CACHE.store("k", "v", 0.9)',
        'CACHE.store("k", "v", -1)',
        'CACHE.take("x".repeat(513))',
        'CACHE.delete("")',
      ]) {
        const thrown = await thrownBy(call, onStore);
        assert.equal(thrown, "java.lang.IllegalArgumentException", call);
      }
      for (const call of [
        'CACHE.store("k", "x".repeat(65536), "35")',
        'CACHE.store("k", "v", 31 * 24 * 60 * 60)',
        'CACHE.store("k", "v", Number.MAX_SAFE_INTEGER)',
      ]) {
        assert.equal(await thrownBy(call, onStore), "nothing", call);
      }
      const message = '(() => { try { CACHE.fetch("") } catch (e) { return e.getMessage() } })()';
      assert.equal(await evaluate(onStore, message), "a cache key has 1 to 512 characters");
      const run = await runBody(onStore, 'CACHE.fetch(""); return { status: 2000 };');
      assert.equal(failed(run).isUnavailable, undefined);
      await rm(folder, { recursive: true });
    });
  });

  describe("LOG (D-23)", () => {
    it("fills placeholders in order and keeps levels and order of lines", async () => {
      const run = await runBody(
        engine,
        `
        LOG.trace("t"); LOG.debug("{} and {}", 1, "two"); LOG.info("left {} {}", "x"); LOG.warn({ a: 1 });
        LOG.error("failed: {}", "why", new Error("cause")); console.log("c", [1], null); print("p");
        java.lang.System.out.println("o"); return { status: 2000 };`,
      );
      assert.deepEqual(
        run.log.slice(0, 4).map(({ level, text }) => [level, text]),
        [
          ["trace", "t"],
          ["debug", "1 and two"],
          ["info", "left x {}"],
          ["warn", '{"a":1}'],
        ],
      );
      assert.match(run.log[4]?.text ?? "", /^failed: why\nError: cause\n/);
      assert.deepEqual(
        run.log.slice(5).map(({ text }) => text),
        ["c [1] null", "p", "o"],
      );
      assert.deepEqual(run.hostCalls, []);
    });
  });

  describe("REST_TEMPLATE (D-24)", () => {
    const calls: readonly [call: string, expected: unknown][] = [
      ['JSON.parse(REST_TEMPLATE.getForObject("PORTAL/a", java.lang.String.class)).method', "GET"],
      ['REST_TEMPLATE.getForObject("PORTAL/a", java.util.Map.class).get("path")', "/a"],
      [
        'REST_TEMPLATE.getForObject("PORTAL/{x}/{y}", java.util.Map.class, "a b", "c").path',
        "/a%20b/c",
      ],
      ['REST_TEMPLATE.getForObject("PORTAL/{x}", java.util.Map.class, { x: "m" }).path', "/m"],
      ['REST_TEMPLATE.getForEntity("PORTAL/a", java.lang.String.class).getStatusCodeValue()', 200],
      [
        'REST_TEMPLATE.getForEntity("PORTAL/a", java.lang.String.class).statusCode.is2xxSuccessful()',
        true,
      ],
      [
        'REST_TEMPLATE.getForEntity("PORTAL/a", java.lang.String.class).getHeaders().getFirst("CONTENT-TYPE")',
        "application/json",
      ],
      [
        'REST_TEMPLATE.postForObject("PORTAL/a", "text", java.util.Map.class).toJSON()',
        { method: "POST", path: "/a", type: "text/plain;charset=UTF-8", body: "text" },
      ],
      [
        'REST_TEMPLATE.postForEntity("PORTAL/a", { n: 1 }, java.util.Map.class).getBody().toJSON()',
        { method: "POST", path: "/a", type: "application/json", body: '{"n":1}' },
      ],
      ['REST_TEMPLATE.postForEntity("PORTAL/empty", "x", java.lang.String.class).hasBody()', false],
      ['String(REST_TEMPLATE.postForLocation("PORTAL/a", "x"))', "http://portal/created/1"],
      ['REST_TEMPLATE.patchForObject("PORTAL/a", "x", java.util.Map.class).method', "PATCH"],
      ['String(REST_TEMPLATE.put("PORTAL/a", "x"))', "undefined"],
      ['String(REST_TEMPLATE.delete("PORTAL/a"))', "undefined"],
      ['REST_TEMPLATE.headForHeaders("PORTAL/a").getLocation().getHost()', "portal"],
      [
        'REST_TEMPLATE.optionsForAllow("PORTAL/a").contains(org.springframework.http.HttpMethod.POST)',
        true,
      ],
      [
        `(() => { var h = new org.springframework.http.HttpHeaders();
        h.setContentType(org.springframework.http.MediaType.APPLICATION_JSON);
        var e = new org.springframework.http.HttpEntity("[]", h);
        return REST_TEMPLATE.exchange("PORTAL/a", org.springframework.http.HttpMethod.PUT, e, java.util.Map.class)
          .getBody().toJSON(); })()`,
        { method: "PUT", path: "/a", type: "application/json", body: "[]" },
      ],
      [
        `(() => { var f = new org.springframework.util.LinkedMultiValueMap(); f.add("a", "1 &"); f.add("b", "é");
        return REST_TEMPLATE.postForObject("PORTAL/a", f, java.util.Map.class).body; })()`,
        "a=1+%26&b=%C3%A9",
      ],
    ];
    for (const [call, expected] of calls) {
      it(`answers ${call.replace(/\s+/g, " ").slice(0, 80)}`, async () => {
        assert.deepEqual(await value(call), expected);
      });
    }

    it("throws what Spring throws for 4xx, 5xx and failures, for the script to catch", async () => {
      const caught = (url: string) =>
        value(`(() => { try { REST_TEMPLATE.getForObject("${url}", java.lang.String.class); }
        catch (e) { return [e.getClass().getSimpleName(), e.getStatusCode ? e.getStatusCode().value() : null,
          e.getResponseBodyAsString ? JSON.parse(e.getResponseBodyAsString()).path : null,
          e instanceof org.springframework.web.client.RestClientException, e instanceof Error]; } })()`);
      assert.deepEqual(await caught("PORTAL/status/404"), [
        "HttpClientErrorException",
        404,
        "/status/404",
        true,
        true,
      ]);
      assert.deepEqual(await caught("PORTAL/status/503"), [
        "HttpServerErrorException",
        503,
        "/status/503",
        true,
        true,
      ]);
      assert.deepEqual(await caught("http://other.example/"), [
        "ResourceAccessException",
        null,
        null,
        true,
        true,
      ]);
    });

    it("sends nothing when the answer could not be read as the type that was asked for", async () => {
      const before = portal.received.length;
      const run = await runBody(
        engine,
        `REST_TEMPLATE.postForObject("${portal.origin}", "x", com.acme.Reply.class);`,
      );
      assert.equal(failed(run).code, 3003);
      assert.equal(portal.received.length, before);
    });

    it("names no query of a failed request in its message", async () => {
      const run = await runBody(
        engine,
        'REST_TEMPLATE.delete("http://other.example/p?secret=1#x");',
      );
      assert.match(failed(run).message, /other\.example\/p"/);
      assert.doesNotMatch(failed(run).message, /secret/);
    });
  });

  describe("HTTP.request", () => {
    it("gives an answer of any status", async () => {
      const call = `HTTP.request({ method: "post", url: "PORTAL/status/418", headers: { "X-A": ["1", "2"] }, body: { n: 1 } })`;
      assert.deepEqual(
        await value(
          `((a) => [a.status, a.headers["content-type"], a.json().body, a.json().type])(${call})`,
        ),
        [418, "application/json", '{"n":1}', "application/json"],
      );
      assert.equal(portal.received.at(-1)?.headers["x-a"], "1, 2");
    });

    it("throws for what was not answered", async () => {
      const run = await runBody(engine, 'HTTP.request({ url: "http://other.example/" });');
      assert.match(failed(run).message, /ResourceAccessException.*allow list/);
    });
  });

  describe("hashes and bytes (D-27)", () => {
    const text = "a\u00e9\u20ac\u{1f4a9}";
    const shown = `((bytes) => java.util.Base64.getEncoder().encodeToString(bytes))`;

    it("digests as the host does, piece by piece too", async () => {
      for (const [java, node] of [
        ["MD5", "md5"],
        ["SHA-1", "sha1"],
        ["SHA-256", "sha256"],
        ["SHA-512", "sha512"],
      ]) {
        const expected = createHash(String(node)).update(text).digest("base64");
        const digest = `java.security.MessageDigest.getInstance("${java}")`;
        assert.equal(
          await value(`${shown}(${digest}.digest(${JSON.stringify(text)}.getBytes("UTF-8")))`),
          expected,
        );
        const pieces = `((d) => { for (const c of ${JSON.stringify(text)}) d.update(c.getBytes()); return ${shown}(d.digest()); })`;
        assert.equal(await value(`${pieces}(${digest})`), expected);
      }
    });

    it("computes keyed hashes as the host does", async () => {
      const expected = createHmac("sha256", "key").update(text).digest("base64");
      const call = `((mac) => { mac.init(new javax.crypto.spec.SecretKeySpec("key".getBytes(), "HmacSHA256"));
        return ${shown}(mac.doFinal(${JSON.stringify(text)}.getBytes())); })(javax.crypto.Mac.getInstance("HmacSHA256"))`;
      assert.equal(await value(call), expected);
    });

    it("throws NoSuchAlgorithmException where Java does", async () => {
      for (const call of [
        'java.security.MessageDigest.getInstance("X")',
        'javax.crypto.Mac.getInstance("HmacX")',
        'javax.crypto.Mac.getInstance("SHA256")',
      ]) {
        const thrown = await value(
          `(() => { try { ${call} } catch (e) { return e.getClass().getName() } })()`,
        );
        assert.equal(thrown, "java.security.NoSuchAlgorithmException", call);
      }
    });

    it("keeps bytes through UTF-8 and base64, both ways", async () => {
      assert.equal(
        await value(`new java.lang.String(${JSON.stringify(text)}.getBytes()).toString()`),
        text,
      );
      for (let length = 0; length < 5; length++) {
        const plain = "x\u00ff?>".slice(0, length);
        const bytes = Buffer.from(plain);
        assert.equal(
          await value(`${shown}(${JSON.stringify(plain)}.getBytes())`),
          bytes.toString("base64"),
        );
        const decoded = `new java.lang.String(java.util.Base64.getUrlDecoder().decode("${bytes.toString("base64url")}"))`;
        assert.equal(await value(`${decoded}.toString()`), plain);
      }
    });
  });

  describe("Java names (D-27)", () => {
    const table: readonly [expression: string, expected: unknown][] = [
      ['"abc".equals("abc")', true],
      ['"abc".equals(new java.lang.String("abc"))', true],
      ['"abc".equals(null)', false],
      ['"aBc".equalsIgnoreCase("AbC")', true],
      ['"abc".contains("b")', true],
      ['"".isEmpty()', true],
      ['"hello".hashCode()', 99162322],
      ['"h\u00e9".getBytes("UTF-8").length', 3],
      ["java.lang.String.class.getName()", "java.lang.String"],
      ["java.lang.String.valueOf(null)", "null"],
      [
        'java.lang.String.format("%05d|%-4s|%.2f|%x|%s", 42, "ab", 1.005, 255, null)',
        "00042|ab  |1.01|ff|null",
      ],
      ['java.lang.String.join("-", ["a", "b"])', "a-b"],
      ['java.lang.Integer.parseInt("42") + java.lang.Integer.valueOf("1")', 43],
      ['java.lang.Boolean.parseBoolean("TRUE")', true],
      ["Math.abs(java.lang.System.currentTimeMillis() - Date.now()) < 1000", true],
      ['new java.lang.StringBuilder("a").append(1).append(null).reverse().toString()', "llun1a"],
      ["java.util.UUID.randomUUID().equals(java.util.UUID.randomUUID())", false],
      [
        'String(java.util.UUID.fromString("E2048242-085F-4210-93FF-84DF1FCD8CE2"))',
        "e2048242-085f-4210-93ff-84df1fcd8ce2",
      ],
      [
        '((m) => (m.put("a", 1), m.b = 2, [m.get("a"), m.b, m.get("c"), m.size(), m.containsKey("a"), String(m)]))(new java.util.HashMap())',
        [1, 2, null, 2, true, "{a=1, b=2}"],
      ],
      [
        "((m) => { var out = []; for (var e of m.entrySet()) out.push(e.getKey() + e.value); return out; })(new java.util.HashMap({ a: 1, b: 2 }))",
        ["a1", "b2"],
      ],
      ["Object.keys(new java.util.HashMap({ __proto__x: 1, b: 2 }))", ["__proto__x", "b"]],
      [
        '((l) => (l.add("x"), l.add(0, "y"), [l.get(0), l[1], l.size(), l.contains("x"), l.indexOf("z"), String(l)]))(new java.util.ArrayList())',
        ["y", "x", 2, true, -1, "[y, x]"],
      ],
      [
        "(() => { try { new java.util.ArrayList().get(0) } catch (e) { return e.toString() } })()",
        "java.lang.IndexOutOfBoundsException: Index: 0, Size: 0",
      ],
      [
        '((i) => { var s = ""; while (i.hasNext()) s += i.next(); return s; })(java.util.Arrays.asList("a", "b").iterator())',
        "ab",
      ],
      [
        "new java.util.ArrayList([3, 1, 2]).stream().filter((x) => x > 1).map((x) => x * 2).toList()",
        [6, 4],
      ],
      ['java.util.Optional.ofNullable(null).orElse("d")', "d"],
      ['new (Java.type("java.util.ArrayList"))().isEmpty()', true],
      ['new (Java.type("byte[]"))(3).length', 3],
      ['Java.to([1, 2], "java.util.List").size()', 2],
      ["new Packages.java.util.HashSet([1, 1, 2]).size()", 2],
      ['eval("with (new JavaImporter(java.util)) { new ArrayList([1]).size() }")', 1],
      [
        '(load("nashorn:mozilla_compat.js"), importClass(java.util.TreeMap), String(new TreeMap({ b: 1, a: 2 })))',
        "{a=2, b=1}",
      ],
      ["org.springframework.http.HttpStatus.valueOf(404).getReasonPhrase()", "Not Found"],
      ["String(org.springframework.http.MediaType.APPLICATION_JSON)", "application/json"],
      [
        '((h) => (h.add("A", "1"), h.add("a", "2"), h.setBasicAuth("u", "p"), [h.get("A").size(), h.getFirst("authorization")]))(new org.springframework.http.HttpHeaders())',
        [2, "Basic dTpw"],
      ],
      [
        'new org.springframework.http.ResponseEntity("b", null, 201).getStatusCode().toString()',
        "201 CREATED",
      ],
      [
        '(() => { try { throw new java.lang.IllegalStateException("m") } catch (e) { return [e.getMessage(), e.message, e instanceof java.lang.RuntimeException] } })()',
        ["m", "m", true],
      ],
      ['java.net.URLEncoder.encode("a b&\u00e9", "UTF-8")', "a+b%26%C3%A9"],
      ["java.time.Instant.ofEpochMilli(0).toString()", "1970-01-01T00:00:00Z"],
      ["new java.util.Date(5).getTime()", 5],
      ["new java.security.SecureRandom().nextInt(10) < 10", true],
      ["typeof java.util", "function"],
    ];
    for (const [expression, expected] of table) {
      it(`gives ${JSON.stringify(expected)} for ${expression.slice(0, 70)}`, async () => {
        assert.deepEqual(await value(expression), expected);
      });
    }

    it("draws different random values in each run", async () => {
      const drawn = () =>
        value(
          "[Math.random(), java.util.UUID.randomUUID(), new java.security.SecureRandom().nextInt()]",
        );
      const [one, other] = [(await drawn()) as unknown[], (await drawn()) as unknown[]];
      for (const [index, item] of one.entries()) assert.notEqual(item, other[index]);
    });

    it("draws Math.random evenly between 0 and 1", async () => {
      const sums = `(() => { let all = Array.from({ length: 10000 }, Math.random);
        return [all.every((x) => x >= 0 && x < 1), all.reduce((a, b) => a + b) / 10000, new Set(all).size]; })()`;
      const [inRange, mean, different] = (await value(sums)) as [boolean, number, number];
      assert.ok(inRange && Math.abs(mean - 0.5) < 0.03 && different > 9990);
    });

    it("can be caught where a class is missing", async () => {
      const run = await runBody(
        engine,
        `try { new java.io.File("x"); } catch (e) {
        return { status: 2000, responsePayload: e.message }; }`,
      );
      assert.match(returned(run).responsePayload ?? "", /java\.io\.File is not available/);
    });
  });
});
