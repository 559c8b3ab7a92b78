// Settings that cannot be used: the start ends with 1 and one line that names the variable.
import assert from "node:assert/strict";
import { startInVain } from "../support/server.ts";

/** What is wrong, what it is set to, what is said of it, and what is not repeated. */
type Row = readonly [string, Readonly<Record<string, string>>, RegExp, string?];

// A file that is there, and holds neither a certificate nor a key.
const junk = import.meta.filename;
const secret = `${"A".repeat(43)}=`;
const hidden = "hunter2-hunter2";

describe("a wrong setting", function () {
  this.timeout(30_000);
  const settings: readonly Row[] = [
    ["misspelt", { GATEWRIGHT_HTPP: "127.0.0.1:0" }, /^GATEWRIGHT_HTPP /m],
    [
      "of a wrong form",
      { GATEWRIGHT_HTTP: "8080" },
      /^GATEWRIGHT_HTTP: got "8080", takes host:port/m,
    ],
    [
      "out of range",
      { GATEWRIGHT_SCRIPT_CPU: "11s" },
      /^GATEWRIGHT_SCRIPT_CPU: got "11s", takes /m,
    ],
    ["beyond loopback without TLS", { GATEWRIGHT_HTTP: "0.0.0.0:0" }, /^GATEWRIGHT_HTTP: /m],
    [
      "an issuer without TLS",
      { GATEWRIGHT_ISSUER: "http://example.com/oauth" },
      /^GATEWRIGHT_ISSUER: /m,
    ],
    [
      "a shared store without a secret",
      { GATEWRIGHT_EPHEMERAL: "redis://127.0.0.1:6379" },
      /^GATEWRIGHT_SECRET: /m,
    ],
    [
      "a store that cannot be reached",
      {
        GATEWRIGHT_DURABLE: `postgres://root:${hidden}@127.0.0.1:1/x`,
        GATEWRIGHT_SECRET: secret,
      },
      /cannot start/,
      hidden,
    ],
    ["a secret of a wrong form", { GATEWRIGHT_SECRET: hidden }, /^GATEWRIGHT_SECRET: /m, hidden],
    [
      "a secret with something after it",
      { GATEWRIGHT_SECRET: `${hidden.padEnd(43, "A")}=\n` },
      /^GATEWRIGHT_SECRET: /m,
      hidden,
    ],
    [
      "a store of a kind that there is not",
      { GATEWRIGHT_DURABLE: `postgrs://root:${hidden}@127.0.0.1/x`, GATEWRIGHT_SECRET: secret },
      /^GATEWRIGHT_DURABLE: /m,
      hidden,
    ],
    ["a port beyond the last", { GATEWRIGHT_HTTP: "127.0.0.1:99999" }, /^GATEWRIGHT_HTTP: /m],
    [
      "a port beyond the last for gRPC",
      { GATEWRIGHT_GRPC: "127.0.0.1:65536" },
      /^GATEWRIGHT_GRPC: /m,
    ],
    [
      "a trusted proxy that is no address",
      { GATEWRIGHT_TRUSTED_PROXIES: "10.0.0.0/8, proxy.example.com" },
      /^GATEWRIGHT_TRUSTED_PROXIES: got "proxy\.example\.com"/m,
    ],
    [
      "a trusted network that is too narrow",
      { GATEWRIGHT_TRUSTED_PROXIES: "10.0.0.0/33" },
      /^GATEWRIGHT_TRUSTED_PROXIES: /m,
    ],
    [
      "a certificate that is none",
      { GATEWRIGHT_TLS_CERT: junk, GATEWRIGHT_TLS_KEY: junk },
      /^GATEWRIGHT_TLS_CERT: /m,
    ],
    [
      "a certificate that is not there",
      { GATEWRIGHT_TLS_CERT: "/nowhere/cert.pem", GATEWRIGHT_TLS_KEY: junk },
      /^GATEWRIGHT_TLS_CERT: /m,
    ],
    ...["/other", "/oauth/", "/oauth?x=1"].map(
      (path): Row => [
        `an issuer that ends with ".com${path}"`,
        { GATEWRIGHT_ISSUER: `https://example.com${path}` },
        /^GATEWRIGHT_ISSUER: /m,
      ],
    ),
  ];
  for (const [which, env, said, secretPart] of settings) {
    it(`that is ${which} stops the start with one line`, async () => {
      const { code, output } = await startInVain({ env });
      assert.equal(code, 1);
      assert.match(output, said);
      const lines = output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
      assert.equal(lines.length, 1, output);
      if (secretPart !== undefined) assert.equal(output.includes(secretPart), false, output);
    });
  }
});
