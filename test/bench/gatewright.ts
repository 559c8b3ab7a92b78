// Gatewright as it is measured: server and gateway in one process, on embedded storage in a fresh
// folder.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "./case.ts";
import type { ClientKey } from "./client_key.ts";
import { makeClientKey } from "./client_key.ts";
import type { LoadAnswer, LoadRequest } from "./load.ts";
import { contentType, memberOf, openLoad } from "./load.ts";
import type { Measured } from "./measured.ts";
import { startMeasured } from "./measured.ts";
import { backchannelScript, completeScript, hostileScripts } from "./qr_scripts.ts";

/** A running Gatewright with what its clients need. */
export interface Gatewright extends Target, AsyncDisposable {
  readonly issuer: string;
  readonly key: ClientKey;
  /** Gives the call that runs one of the hostile scripts, whatever comes of it. */
  hostileCall(name: keyof typeof hostileScripts): LoadRequest;
  /** Has the portal make `count` QR codes; gives their identifiers. */
  makeCodes(count: number): Promise<string[]>;
  /** Registers `count` app installations, each with a key of its own name. */
  registerDevices(count: number): Promise<Installation[]>;
}

/** A client with a key. */
export interface Installation {
  readonly clientId: string;
  readonly kid: string;
}

/** The web application. */
export const staticClient: Installation = { clientId: "web-app", kid: "web-app-key" };
const portalSecret = "the portal of a bench has no secrets";
const codesPerCall = 50;

const setupOf = (key: ClientKey) => ({
  applications: [
    {
      id: "bench-app",
      identity_providers: ["qr"],
      scopes: ["read", "openid"],
      default_scopes: ["read"],
    },
  ],
  clients: [
    {
      id: staticClient.clientId,
      kind: "static",
      application: "bench-app",
      jwks: key.jwks(staticClient.kid),
      refresh_tokens: true,
    },
    {
      id: "portal",
      kind: "api",
      secret: portalSecret,
      api_scopes: ["onegini_api_user_registration"],
    },
  ],
  identity_providers: [
    {
      id: "qr",
      name: "QR device registration",
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: "complete.js", backchannel: "backchannel.js" },
    },
    ...Object.keys(hostileScripts).map((id) => ({
      id,
      name: id,
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: "complete.js", backchannel: `${id}.js` },
    })),
  ],
});

/**
 * Starts Gatewright on what is in `folder`, which is made ready when it is empty. `env`: further
 * settings, such as NODE_OPTIONS for a profile.
 */
export function startGatewright(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  return startMeasured({
    entry: new URL("../../gateway/main.ts", import.meta.url),
    args: ["start"],
    env: {
      GATEWRIGHT_HTTP: "127.0.0.1:0",
      GATEWRIGHT_ADMIN: "127.0.0.1:0",
      GATEWRIGHT_GRPC: "127.0.0.1:0",
      GATEWRIGHT_DATA: join(folder, "data"),
      GATEWRIGHT_SETUP: join(folder, "setup.yaml"),
      // A bench registers more installations in an hour than one address may.
      GATEWRIGHT_RATE_LIMITS: "off",
      ...env,
    },
    folder,
    readyLine: "gatewright listening",
  });
}

/** Makes a folder with a set-up file in it; disposing removes it. */
export function makeFolder(key: ClientKey): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "gatewright-bench-"));
  writeFileSync(join(path, "complete.js"), completeScript);
  writeFileSync(join(path, "backchannel.js"), backchannelScript);
  for (const [id, source] of Object.entries(hostileScripts)) {
    writeFileSync(join(path, `${id}.js`), source);
  }
  // YAML holds JSON.
  writeFileSync(join(path, "setup.yaml"), JSON.stringify(setupOf(key), null, 2));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts Gatewright in a fresh folder, with further settings, and opens a generator on it. */
export async function openGatewright(
  env: Readonly<Record<string, string>> = {},
): Promise<Gatewright> {
  await using opened = new AsyncDisposableStack();
  const key = makeClientKey();
  const { path } = opened.use(makeFolder(key));
  const process = opened.use(await startGatewright(path, env));
  const origin = `http://${/ http=(\S+)/.exec(process.ready)?.[1]}`;
  const load = opened.use(openLoad(origin));
  const basic = Buffer.from(`portal:${encodeURIComponent(portalSecret)}`).toString("base64");

  const portalHeaders = { ...contentType("json"), authorization: `Basic ${basic}` };
  const backchannel = (idp: string): string =>
    `/oauth/api/v3/custom-registration/${idp}/backchannel`;

  async function makeCodes(count: number): Promise<string[]> {
    const made: string[] = [];
    const calls = Array.from({ length: Math.ceil(count / codesPerCall) }, () => ({
      path: backchannel("qr"),
      headers: portalHeaders,
      body: () =>
        JSON.stringify({
          data: JSON.stringify({ userId: `user-${randomUUID()}`, count: codesPerCall }),
        }),
      accept: (answer: LoadAnswer) => {
        if (memberOf(answer, "status") !== 2000) return false;
        made.push(...JSON.parse(String(memberOf(answer, "data"))));
        return true;
      },
    }));
    await load.run(calls);
    return made.slice(0, count);
  }

  async function registerDevices(count: number): Promise<Installation[]> {
    const made: Installation[] = [];
    const calls = Array.from({ length: count }, (_, index) => {
      // No two sets of keys are alike, as those of real installations are not.
      const kid = randomUUID();
      return {
        path: "/oauth/register",
        headers: contentType("json"),
        body: () => JSON.stringify({ software_id: "bench-app", jwks: key.jwks(kid) }),
        accept: (answer: LoadAnswer) => {
          made[index] = { clientId: String(memberOf(answer, "client_id")), kid };
          return answer.status === 201;
        },
      };
    });
    await load.run(calls);
    return made;
  }

  const resources = opened.move();
  return {
    process,
    load,
    key,
    issuer: `${origin}/oauth`,
    hostileCall: (name) => ({
      path: backchannel(name),
      headers: portalHeaders,
      body: () => "{}",
      accept: () => true,
    }),
    makeCodes,
    registerDevices,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
