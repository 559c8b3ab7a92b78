// TLS of the guarded client: a request is sent only to a peer whose certificate is trusted.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { openEgress } from "../../server/engine/egress.ts";

describe("a request over TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "egress-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const trusted = getCACertificates("default");
  before(() => {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const fresh = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const files = ["-keyout", key, "-out", cert, "-days", "1"];
    execFileSync("openssl", ["req", ...fresh, ...files, ...subject], { stdio: "ignore" });
  });
  after(() => {
    setDefaultCACertificates(trusted);
    rmSync(folder, { recursive: true });
  });

  it("is sent to a trusted peer, again over the same connection, and to no other", async () => {
    const ports: (number | undefined)[] = [];
    const server = createServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (request, response) => {
        ports.push(request.socket.remotePort);
        response.end("secure");
      },
    ).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    const resolve = async () => ["127.0.0.1"];
    const request = { method: "GET", url: `${origin}/` };

    await using stranger = openEgress({ allow: [origin] }, { resolve });
    const refused = await stranger.request(request);
    assert.ok(refused.kind === "failed");
    assert.match(refused.message, /SELF_SIGNED|UNABLE_TO/);
    assert.deepEqual(ports, []);

    setDefaultCACertificates([...trusted, readFileSync(cert, "utf8")]);
    await using friend = openEgress({ allow: [origin] }, { resolve });
    for (let count = 0; count < 2; count++) {
      const answer = await friend.request(request);
      assert.ok(answer.kind === "answered", JSON.stringify(answer));
      assert.equal(answer.body.toString(), "secure");
    }
    assert.equal(ports.length, 2);
    assert.equal(new Set(ports).size, 1);
    server.closeAllConnections();
    server.close();
  });
});
