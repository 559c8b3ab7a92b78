// Floods: of the log, the cache, the network, the properties, and of the answer itself.
import { type Abuse, cpu, cpuOrMemory, returns } from "./row.ts";

const output = "limit output";
const hostCalls = "limit host_calls";
const unread = "const z = Array(200000).fill(0);";

/** Too much of what the host does or keeps. ORIGIN is a server that never answers. */
export const floods: readonly Abuse[] = [
  [
    "log lines",
    "for (let i = 0; i < 2000; i++) LOG.info('x'.repeat(1000)); got = 'fine';",
    /^(2000 fine|limit cpu)/,
  ],
  [
    "empty log lines",
    "for (let i = 0; i < 5000; i++) LOG.debug(''); got = 'fine';",
    /^(2000 fine|limit cpu)/,
  ],
  ["one log line of 5 MB", "LOG.info('x'.repeat(5e6)); got = 'fine';", /^(2000 fine|limit cpu)/],
  ["log lines of 5 MB without end", "const s = 'x'.repeat(5e6); for (;;) LOG.info(s);", cpu],
  ["a log line with a million holes", "LOG.info('{}'.repeat(1e6), 1);", /^(2000|limit)/],
  ["console in a loop", "for (;;) console.log({ a: [1, 2, 3] });", cpu],
  ["cache reads", "for (;;) CACHE.fetch('k');", hostCalls],
  ["cache reads, caught", "for (;;) { try { CACHE.fetch('k'); } catch {} }", hostCalls],
  ["cache writes", "for (let i = 0; ; i++) CACHE.store('k' + i, 'v', 60);", hostCalls],
  [
    "a cache value of 6 MB again and again",
    "const v = 'x'.repeat(6e6); for (;;) CACHE.store('huge', v, 1);",
    /^limit (cpu|host_calls)/,
  ],
  [
    "a cache key of 6 MB",
    "try { CACHE.store('k'.repeat(6e6), 'v', 1); } catch (e) { got = e.name; }",
    /^(2000|limit)/,
  ],
  ["properties", "for (let i = 0; ; i++) PROPERTIES['p' + i];", hostCalls],
  ["identifiers", "for (;;) java.util.UUID.randomUUID();", hostCalls],
  [
    "random bytes",
    "new java.security.SecureRandom().nextBytes(new (Java.type('byte[]'))(100000));",
    hostCalls,
  ],
  [
    "too many random bytes at once",
    "java.security.SecureRandom.getInstanceStrong().generateSeed(1e9);",
    /^(3001|limit)/,
  ],
  [
    "hashes",
    "const d = java.security.MessageDigest.getInstance('SHA-512'); for (;;) d.digest('x'.getBytes());",
    /^limit (host_calls|cpu)/,
  ],
  [
    "requests to a place that is not allowed",
    "for (;;) { try { HTTP.request({ url: 'http://refused.example/' }); } catch {} }",
    "limit egress",
  ],
  [
    "requests of Spring",
    "for (;;) { try { REST_TEMPLATE.getForObject('http://refused.example/', null); } catch {} }",
    "limit egress",
  ],
  ["a request that is never answered", "HTTP.request({ url: 'ORIGIN' });", "limit deadline"],
  [
    "a request that is never answered, caught",
    "for (;;) { try { HTTP.request({ url: 'ORIGIN' }); } catch {} }",
    "limit deadline",
  ],
  [
    "a request in a getter of the result",
    "return { get status() { HTTP.request({ url: 'ORIGIN' }); } };",
    "limit deadline",
  ],
  [
    "a request in the text of an error",
    "throw { toJSON() { HTTP.request({ url: 'ORIGIN' }); } };",
    "limit deadline",
  ],
  [
    "a request with 20,000 headers",
    "const h = {}; for (let i = 0; i < 20000; i++) h['h' + i] = 'v'; HTTP.request({ url: 'http://127.0.0.1:1/', headers: h });",
    /^(3001 \S*ResourceAccessException|limit cpu)/,
  ],
  [
    "a request of 5 MB",
    "HTTP.request({ method: 'POST', url: 'http://127.0.0.1:1/', body: 'x'.repeat(5e6) });",
    /^(3001 \S*ResourceAccessException.*larger|limit cpu)/,
  ],
  [
    "a URL of 2 MB",
    "HTTP.request({ url: 'http://127.0.0.1:1/' + 'x'.repeat(2e6) });",
    /^(3001 \S*ResourceAccessException|limit)/,
  ],
  [
    "a payload that is too large",
    "return { status: 2000, responsePayload: 'x'.repeat(270000), user: { id: 'u' } };",
    output,
  ],
  [
    "a payload of NUL characters",
    "return { status: 2000, responsePayload: '\\0'.repeat(270000), user: { id: 'u' } };",
    output,
  ],
  [
    "a payload of wide characters",
    "return { status: 2000, responsePayload: '\\u20ac'.repeat(90000), user: { id: 'u' } };",
    output,
  ],
  [
    "registration data that is too large",
    "return { status: 2000, registrationData: 'x'.repeat(270000), user: { id: 'u' } };",
    output,
  ],
  [
    "an id that is too long",
    "return { status: 2000, user: { id: 'x'.repeat(5e6) } };",
    /^limit (output|cpu)/,
  ],
  [
    "an attribute that is too large",
    "return { status: 2000, user: { id: 'u', a: 'x'.repeat(270000) } };",
    output,
  ],
  [
    "attributes without number",
    "const u = { id: 'u' }; for (let i = 0; i < 30000; i++) u['a' + i] = i; return { status: 2000, user: u };",
    /^limit (output|cpu)/,
  ],
  [
    "methods without number",
    "return { status: 2000, user: { id: 'u', amr: Array(100000).fill('x') } };",
    /^limit (output|cpu)/,
  ],
  [
    "one array many times",
    `${unread} return { status: 2000, user: { id: "u", a: z, b: z, c: z, d: z } };`,
    /^limit (output|cpu|memory)/,
  ],
  [
    "a payload in parts, each allowed",
    "return { status: 2000, responsePayload: 'x'.repeat(150000), registrationData: 'x'.repeat(150000), user: { id: 'u' } };",
    output,
  ],
  ["a thrown text of 5 MB", "throw 'x'.repeat(5e6);", /^(3001 x{3999}|limit cpu)/],
  ["a thrown array of 200,000", `${unread} throw z;`, /^(3001 |limit cpu)/],
  [
    "an error with a stack of 5 MB",
    "const e = new Error('x'); e.stack = 'at y (z:1:2)\\n'.repeat(400000); throw e;",
    /^(3001 Error: x|limit)/,
  ],
  [
    "a name of 100,000 letters",
    "const e = new Error('x'); e.name = 'n'.repeat(100000); throw e;",
    /^3001 n{3999}/,
  ],
  [
    "warnings about payloads",
    "return { status: 2000, responsePayload: { a: 'x'.repeat(100000) }, registrationData: Array(1000).fill(1), user: { id: 'u' } };",
    /^2000 \{"a":"x/,
  ],
  [
    "timers",
    "got = [typeof setTimeout, typeof setInterval, typeof setImmediate, typeof queueMicrotask].join();",
    returns("undefined,undefined,undefined,undefined"),
  ],
  [
    "text for all limits at once",
    "let s = 'x'; for (;;) { s += s; LOG.info(s); CACHE.store('text', s); }",
    cpuOrMemory,
  ],
];
