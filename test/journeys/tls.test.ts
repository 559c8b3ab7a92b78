// TLS on every listener, a gateway that reaches its server over TLS, and proxies in front whose
// word on the caller's address is believed, or is not.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as requestTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceError } from "@grpc/grpc-js";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { RegisterDeviceRequest } from "../../gen/gatewright/v1/device.ts";
import { authenticated, newKey } from "../support/assertions.ts";
import { stepPath } from "../support/client.ts";
import { get } from "../support/http.ts";
import { addressesOf, run, startLimitMs } from "../support/program.ts";
import type { TestServer } from "../support/server.ts";
import { startServer } from "../support/server.ts";
import { letIn, usualSetup } from "../support/usual_setup.ts";

interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

// Over TLS gRPC reaches a server by its name only.
const named = (address: string): string => address.replace("127.0.0.1", "localhost");
const raw = (bytes: Buffer): Buffer => bytes;

/** Makes a certificate that is its own authority, for the loopback. */
function makeCertificate(folder: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const subject = ["-subj", "/CN=localhost", "-addext", names];
  const fresh = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const files = ["-keyout", key, "-out", cert, "-days", "1"];
  execFileSync("openssl", ["req", ...fresh, ...files, ...subject], { stdio: "ignore" });
  return { cert, key };
}

/** Posts JSON over TLS to a server that has the certificate `ca`; GETs without a body. */
function ask(
  url: string,
  ca: Buffer,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options = {
    ca,
    agent: false,
    method: body ? "POST" : "GET",
    headers: { "content-type": "application/json", ...headers },
  } as const;
  const outgoing = requestTls(url, options, async (incoming) => {
    const text = Buffer.concat(await Array.fromAsync(incoming)).toString();
    resolve({ status: incoming.statusCode ?? 0, json: JSON.parse(text) });
  });
  outgoing.on("error", reject);
  outgoing.end(body && JSON.stringify(body));
  return promise;
}

const registrationOf = async () => ({
  software_id: "app",
  jwks: { keys: [(await newKey()).publicJwk] },
});

describe("a server with a certificate", function () {
  this.timeout(2 * startLimitMs);
  let folder: string;
  let ca: Buffer;
  let env: Record<string, string>;
  let server: TestServer;
  /** Base URL of the public listener. */
  let base: string;
  before(async function () {
    if (spawnSync("openssl", ["version"]).status !== 0) {
      assert.notEqual(process.env.CI, "true", "openssl makes the certificates, and is missing");
      console.log("      skipped: openssl, which makes the certificates, is missing");
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "gatewright-tls-"));
    const { cert, key } = makeCertificate(folder);
    ca = readFileSync(cert);
    env = {
      GATEWRIGHT_TLS_CERT: cert,
      GATEWRIGHT_TLS_KEY: key,
      GATEWRIGHT_REGISTRATIONS_PER_HOUR: "1",
    };
    server = await startServer({
      ...(await usualSetup()),
      env: { ...env, GATEWRIGHT_TRUSTED_PROXIES: "127.0.0.1" },
    });
    base = server.http.replace("http:", "https:");
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    if (folder) rmSync(folder, { recursive: true });
  });

  const registerAt = async (url: string, forwardedFor: string): Promise<Answer> =>
    ask(`${url}/oauth/register`, ca, await registrationOf(), { "x-forwarded-for": forwardedFor });

  /** Registers over gRPC; gives the code. */
  async function registerOverGrpc(address: string, forwardedFor?: string): Promise<number> {
    const client = new Client(named(address), credentials.createSsl(ca));
    const message = RegisterDeviceRequest.fromPartial({
      softwareId: "app",
      jwks: (await registrationOf()).jwks,
    });
    const bytes = Buffer.from(RegisterDeviceRequest.encode(message).finish());
    const metadata = new Metadata();
    if (forwardedFor) metadata.set("x-forwarded-for", forwardedFor);
    const path = "/gatewright.v1.DeviceService/RegisterDevice";
    const options = { deadline: Date.now() + 10_000 };
    const { promise, resolve } = Promise.withResolvers<number>();
    const done = (error: ServiceError | null): void => resolve(error?.code ?? status.OK);
    client.makeUnaryRequest(path, raw, raw, bytes, metadata, options, done);
    return promise.finally(() => client.close());
  }

  /** Registers an app installation and then a user, in the name of the issuer. */
  async function walk(url: string, issuer: string, forwardedFor: string): Promise<void> {
    const key = await newKey();
    const registration = { software_id: "app", jwks: { keys: [key.publicJwk] } };
    const headers = { "x-forwarded-for": forwardedFor };
    const registered = await ask(`${url}/oauth/register`, ca, registration, headers);
    assert.equal(registered.status, 201, JSON.stringify(registered.json));
    const signer = { issuer, clientId: String(registered.json.client_id), key };
    const answer = await ask(url + stepPath("puppet", "complete"), ca, {
      ...(await authenticated(signer)),
      data: letIn("alice"),
      profile_id: "W8DUJ2",
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.json));
    const tokens = answer.json.oauth_token as Record<string, unknown>;
    assert.match(String(tokens.access_token), /^[0-9A-F]{64}$/);
  }

  it("serves https, and is an https issuer unless it is told another", async () => {
    await walk(base, `${base}/oauth`, "203.0.113.10");
  });

  it("serves administrators over https as well", async () => {
    const admin = server.admin.replace("http:", "https:");
    const { status: answered } = await ask(`${admin}/oauth/no/such/path`, ca);
    assert.equal(answered, 404);
  });

  it("answers nothing in the clear, and goes on", async () => {
    await assert.rejects(get(`${server.http}/oauth/keys`));
    await assert.rejects(get(`${server.admin}/healthz`));
    assert.equal((await ask(`${base}/oauth/keys`, ca)).status, 200);
  });

  it("is not believed by a client that does not know its authority", async () => {
    await assert.rejects(ask(`${base}/oauth/keys`, Buffer.from("")), /certificate/i);
  });

  it("counts registrations by the address that a trusted proxy tells (SEC-81)", async () => {
    const of = async (forwardedFor: string): Promise<number> =>
      (await registerAt(base, forwardedFor)).status;
    assert.equal(await of("203.0.113.1"), 201);
    assert.equal(await of("203.0.113.1"), 429);
    assert.equal(await of("203.0.113.2"), 201);
    // What stands to the left was written by the caller.
    assert.equal(await of("198.51.100.9, 203.0.113.1"), 429);
    assert.equal(await of("203.0.113.1, 198.51.100.10"), 201);
  });

  it("serves gRPC over TLS, and counts by the same addresses there", async () => {
    assert.equal(await registerOverGrpc(server.grpc, "203.0.113.3"), status.OK);
    assert.equal(await registerOverGrpc(server.grpc, "203.0.113.3"), status.RESOURCE_EXHAUSTED);
    assert.equal((await registerAt(base, "203.0.113.3")).status, 429);
  });

  it("serves a gateway that reaches it over TLS and hands the address on", async () => {
    const gateway = run("gateway", {
      ...env,
      GATEWRIGHT_HTTP: "127.0.0.1:0",
      GATEWRIGHT_TRUSTED_PROXIES: "127.0.0.1",
      GATEWRIGHT_UPSTREAM: `grpcs://${named(server.grpc)}`,
      NODE_EXTRA_CA_CERTS: env.GATEWRIGHT_TLS_CERT as string,
      // Where this one is set, gRPC knows no other authorities.
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: env.GATEWRIGHT_TLS_CERT as string,
    });
    try {
      const url = `https://${(await addressesOf(gateway)).get("http")}`;
      await walk(url, `${base}/oauth`, "203.0.113.4");
      assert.equal((await registerAt(url, "203.0.113.4")).status, 429);
    } finally {
      gateway.child.kill("SIGKILL");
      await gateway.exited;
    }
  });

  it("believes no X-Forwarded-For when no proxy is trusted (SEC-81)", async () => {
    await using alone = await startServer({ ...(await usualSetup()), env });
    const url = alone.http.replace("http:", "https:");
    assert.equal((await registerAt(url, "203.0.113.5")).status, 201);
    assert.equal((await registerAt(url, "203.0.113.6")).status, 429);
    // Over gRPC a neighbour on the loopback is our own gateway; without its word it is the caller.
    assert.equal(await registerOverGrpc(alone.grpc), status.RESOURCE_EXHAUSTED);
  });
});
