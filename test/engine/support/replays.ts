// Scripts that do everything scripts can do, each with what must come of a run of it.
import { readFileSync } from "node:fs";
import type { Script, ScriptCall } from "../../../server/engine/script.ts";
import { scriptOf } from "./engine.ts";

/**
 * A script to record and replay. `ends` is the status or failure code of the run, or the limit that
 * ended it. PORTAL stands for the origin of the receiver, and `calls` come one after the other.
 */
export interface ReplayCase {
  readonly what: string;
  readonly source: string;
  readonly ends: number | string;
  readonly call?: Partial<ScriptCall>;
  readonly before?: string;
}

const body = (text: string): string =>
  `function execute(payload, user, data, params) {\n${text}\n}`;
const done = "return { status: 2000 };";
const tell = (value: string): string =>
  `return { status: 2000, responsePayload: String(${value}) };`;

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const demo = (name: string): string => file(`../../../clients/demo/scripts/${name}`);

const portalCall = JSON.stringify({ userId: "u1", displayName: "Ada", startedFrom: "web" });

/** The table. Every binding, every end of a run and both ways of loading a script are in it. */
export const replayCases: readonly ReplayCase[] = [
  {
    what: "all arguments",
    source: body(tell("JSON.stringify([payload, user, data, params, params.get('a').get(0)])")),
    ends: 2000,
    call: {
      requestPayload: 'é\ud800"\u2028',
      userIdentifier: "u",
      registrationData: "r",
      hookContextCustomParams: JSON.parse('{"a":["1","2"],"__proto__":["x"],"7":[]}'),
    },
  },
  {
    what: "CACHE: store, hit, miss, take, delete, lifetimes and what the store refuses",
    source: body(`CACHE.store("k", "v", 30); CACHE.store("gone", "x", 1);
      const seen = [CACHE.fetch("k"), CACHE.fetch("none"), CACHE.take("k"), CACHE.take("k")];
      CACHE.delete("gone"); seen.push(CACHE.fetch("gone")); CACHE.store("n", null); CACHE.store("o", { a: 1 });
      ${tell("JSON.stringify(seen)")}`),
    ends: 2000,
  },
  {
    what: "HTTP with an answer, with a status of refusal and by both names",
    source:
      body(`const one = HTTP.request({ method: "POST", url: "PORTAL/status/200", body: { a: payload } });
      let caught; try { REST_TEMPLATE.getForObject("PORTAL/status/404", java.lang.String.class); }
      catch (e) { caught = e.getStatusCode() + e.getResponseBodyAsString(); }
      const three = REST_TEMPLATE.getForEntity("PORTAL/status/201", java.lang.String.class);
      ${tell("[one.status, one.body, JSON.stringify(one.headers), caught, three.getBody()]")}`),
    ends: 2000,
    call: { requestPayload: "p" },
  },
  {
    what: "HTTP to a host that the policy does not list, caught",
    source: body(`try { HTTP.request({ url: "https://foreign.example/x?secret" }); }
      catch (e) { LOG.warn("refused: {}", e.getMessage()); } ${done}`),
    ends: 2000,
  },
  {
    what: "HTTP that fails and is not caught",
    source: body('HTTP.request({ url: "https://foreign.example/" });'),
    ends: 3001,
  },
  {
    what: "HTTP that is cut off by the other side",
    source: body(`try { HTTP.request({ url: "PORTAL/cut" }); } catch (e) { ${tell("e")} }`),
    ends: 2000,
  },
  {
    what: "random values and identifiers",
    source:
      body(`const bytes = new Int8Array(8), secure = new java.security.SecureRandom(); secure.nextBytes(bytes);
      LOG.info("drew {} and {}", Math.random(), secure.nextInt(1000));
      ${tell("[java.util.UUID.randomUUID(), bytes.join(), Math.random(), java.lang.Math.random()]")}`),
    ends: 2000,
  },
  {
    what: "the time, read often and over more than one millisecond",
    source: body(`const from = Date.now(); let reads = 0, sum = 0;
      while (Date.now() < from + 5) { reads++; sum += new Date().getMilliseconds(); }
      ${tell("[from, reads, sum, new Date().toISOString(), java.lang.System.currentTimeMillis()]")}`),
    ends: 2000,
  },
  {
    what: "digests",
    source: body(`const md = java.security.MessageDigest.getInstance("SHA-256");
      try { java.security.MessageDigest.getInstance("none"); } catch (e) { LOG.error("no: {}", e.getMessage()); }
      ${tell('java.util.Base64.getEncoder().encodeToString(md.digest("text".getBytes()))')}`),
    ends: 2000,
  },
  {
    what: "an HMAC with a sensitive property, sent as a header",
    source:
      body(`const key = PROPERTIES.get("secret"), mac = javax.crypto.Mac.getInstance("HmacSHA256");
      mac.init(new javax.crypto.spec.SecretKeySpec(key.getBytes(), "HmacSHA256"));
      const signed = java.util.Base64.getEncoder().encodeToString(mac.doFinal(payload.getBytes()));
      LOG.info("signed {} with {} for {}", signed, key, properties.open);
      HTTP.request({ url: "PORTAL/", headers: { authorization: "Bearer " + key, signed } });
      CACHE.store("signed", JSON.stringify({ key })); ${tell("CACHE.take('signed').length + signed + key")}`),
    ends: 2000,
    call: { requestPayload: "with s3cr3t/value+of the portal inside" },
  },
  {
    what: "Java collections and strings",
    source: body(`const map = new java.util.HashMap(), list = new java.util.ArrayList();
      for (const n of [3, 1, 2]) { list.add(n); map.put("k" + n, n); }
      list.sort((a, b) => a - b); ${tell("[list, map, 'x'.hashCode(), java.lang.String.format('%05d', 42)]")}`),
    ends: 2000,
  },
  {
    what: "promises and async functions in their order",
    source: `async function step(n) { await null; LOG.info("step {}", n); CACHE.store("s", n); return n; }
      async function execute() { const all = await Promise.all([step(1), step(2), Promise.resolve().then(() => step(3))]);
      return { status: 2000, responsePayload: all.join() + Date.now() }; }`,
    ends: 2000,
  },
  {
    what: "a payload that is no text",
    source: body("return { status: 2000, responsePayload: { a: 1 } };"),
    ends: 2000,
  },
  {
    what: "a user",
    source: body(
      'return { status: 2000, user: { id: "u", amr: ["mca"], "__proto__": null, more: { a: [1] } } };',
    ),
    ends: 2000,
    call: { kind: "complete" },
  },
  { what: "an error", source: body("LOG.info('before');\nnull.x;"), ends: 3001 },
  {
    what: "a Java exception",
    source: body('throw new java.lang.IllegalStateException("no");'),
    ends: 3001,
  },
  { what: "a thrown object", source: body("throw { a: Math.random() };"), ends: 3001 },
  {
    what: "a rejected promise",
    source: body("return Promise.reject(new TypeError(String(Math.random())));"),
    ends: 3001,
  },
  {
    what: "a promise that never settles",
    source: body("return new Promise(() => {});"),
    ends: 3001,
  },
  { what: "no execute", source: "var x = 1;", ends: 3002 },
  { what: "a syntax error", source: "function execute( {}", ends: 3001 },
  { what: "a missing class", source: body("new java.io.File('x');"), ends: 3003 },
  { what: "an invalid status", source: body("return { status: Math.random() };"), ends: 3004 },
  {
    what: "a payload that is a function",
    source: body("return { status: 2000, responsePayload: () => 1 };"),
    ends: 3004,
  },
  {
    what: "half a surrogate pair",
    source: body('return { status: 2000, responsePayload: "\\ud800" };'),
    ends: 3004,
  },
  {
    what: "too much memory",
    source: body(
      "LOG.info('filling'); CACHE.fetch('k'); const all = []; for (;;) { try { for (;;) all.push(new Uint8Array(65536)); } catch {} }",
    ),
    ends: "memory",
  },
  {
    what: "a recursion without end",
    source: body("const f = (n) => f(n + 1) + 1; CACHE.fetch('k'); f(0);"),
    ends: "stack",
  },
  {
    what: "a recursion whose end is caught",
    source: body(
      "let deepest = 0; const f = (n) => { deepest = n; f(n + 1); }; try { f(0); } catch (e) { LOG.info('{}', e.message); }" +
        tell("deepest"),
    ),
    ends: 2000,
  },
  { what: "native recursion", source: body("JSON.parse('['.repeat(1e6));"), ends: "stack" },
  {
    what: "too many requests",
    source: body(
      "for (let i = 0; ; i++) LOG.info('{}', HTTP.request({ url: 'PORTAL/' + i }).status);",
    ),
    ends: "egress",
  },
  {
    what: "too many host calls",
    source: body("for (;;) try { CACHE.fetch('k'); } catch {}"),
    ends: "host_calls",
  },
  { what: "too much output", source: body(tell("'x'.repeat(5000)")), ends: "output" },
  {
    what: "more log than is kept",
    source: body(
      `for (let i = 0; i < 100; i++) { LOG.info("line {} {}", i, Math.random()); CACHE.fetch("k"); } ${done}`,
    ),
    ends: "host_calls",
  },
  {
    what: "a loop without end",
    source: body("LOG.info('from here'); CACHE.fetch('k'); for (;;);"),
    ends: "cpu",
  },
  {
    what: "a loop without end that reads the clock",
    source: body("for (;;) Date.now();"),
    ends: "cpu",
  },
  {
    what: "a loop without end that logs",
    source: body("for (;;) LOG.info('{}', Math.random());"),
    ends: "cpu",
  },
  {
    what: "a request that nobody answers",
    source: body(
      "CACHE.store('k', 'v'); try { HTTP.request({ url: 'PORTAL/silent' }); } finally { LOG.info('after'); }",
    ),
    ends: "deadline",
  },
  {
    what: "a script that is loaded in every run",
    source: `var t = Date.now(), id = java.util.UUID.randomUUID().toString(), drawn = Math.random(), open = PROPERTIES.open;
      LOG.info("loaded at {}", t); CACHE.store(id, t);
      function execute() { LOG.info("runs"); return { status: 2000, responsePayload: [t, id, drawn, open, CACHE.take(id), Math.random()].join() }; }`,
    ends: 2000,
  },
  {
    what: "a script that fails while it is loaded",
    source: "LOG.info('loading'); Date.now();\nnull.x; function execute() {}",
    ends: 3001,
  },
  {
    what: "a script with state of its own",
    source:
      "let runs = 0; const seen = new Map(); function execute() { runs++; seen.set(runs, Math.random()); return { status: 2000, responsePayload: runs + '/' + [...seen] }; }",
    ends: 2000,
  },
  {
    what: "local time",
    source: body(
      tell("[new Date(2026, 0, 1), new Date().getHours(), new Date().getTimezoneOffset()]"),
    ),
    ends: 2000,
  },
  {
    what: "the documented backchannel script",
    source: file("../scripts/seed_backchannel.js"),
    ends: 2000,
    call: {
      kind: "backchannel",
      requestPayload: '{"userId":"u1","callbackUrl":"PORTAL/callback"}',
    },
  },
  {
    what: "the documented complete script",
    source: file("../scripts/seed_complete.js"),
    before:
      'CACHE.store("code", "u1"); CACHE.store("u1", "t1"); CACHE.store("t1", "PORTAL/callback");',
    ends: 2000,
    call: { kind: "complete", requestPayload: "code" },
  },
  {
    what: "the documented complete script with an unknown code",
    source: file("../scripts/seed_complete.js"),
    ends: 5000,
    call: { kind: "complete", requestPayload: "?" },
  },
  {
    what: "the demo's QR backchannel",
    source: demo("qr-backchannel.js"),
    ends: 2000,
    call: { kind: "backchannel", requestPayload: portalCall },
  },
  {
    what: "the demo's QR complete, which calls the portal with a sensitive token",
    source: demo("qr-complete.js"),
    before: `CACHE.store("qr:${"a".repeat(22)}", JSON.stringify({ userId: "u1", displayName: "Ada", startedFrom: "web", startedAt: "now", transaction: "t" }));`,
    ends: 2000,
    call: { kind: "complete", requestPayload: JSON.stringify({ identifier: "a".repeat(22) }) },
  },
  { what: "the demo's challenge init", source: demo("challenge-init.js"), ends: 2000 },
  {
    what: "the demo's challenge backchannel",
    source: demo("challenge-backchannel.js"),
    before: 'CACHE.store("challenge:open:123456789012", "open");',
    ends: 2000,
    call: {
      kind: "backchannel",
      requestPayload: JSON.stringify({
        userId: "u1",
        displayName: "Ada",
        challenge: "1234-5678-9012",
      }),
    },
  },
  {
    what: "the demo's challenge complete after a wrong response",
    source: demo("challenge-complete.js"),
    before:
      'CACHE.store("challenge:answered:123456789012", JSON.stringify({ userId: "u1", displayName: "Ada", response: "1", tries: 0, expiresAt: Date.now() + 60000 }));',
    ends: 4003,
    call: {
      kind: "complete",
      requestPayload: JSON.stringify({ challenge: "123456789012", response: "2" }),
    },
  },
];

/** The script of a case, with the receiver's origin in it. */
export const caseScript = ({ source }: ReplayCase, origin: string): Script =>
  scriptOf(source.replaceAll("PORTAL", origin));
