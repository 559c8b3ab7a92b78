// The requests that the peer is measured by, beside ours.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Case, Target } from "./case.ts";
import { assertionType, makeClientKey } from "./client_key.ts";
import type { LoadAnswer, LoadRequest } from "./load.ts";
import { contentType, hasTexts, memberOf, openLoad } from "./load.ts";
import { startMeasured } from "./measured.ts";
import type { PeerReady } from "./peer_ready.ts";
import { peerReadyLine } from "./peer_ready.ts";

/** A running peer. */
export interface Peer extends AsyncDisposable {
  readonly cases: readonly Case[];
}

type ClientId = keyof PeerReady["tokens"];

const kid = "peer-key";

/** Starts the peer and opens a generator on it. */
export async function openPeer(): Promise<Peer> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "gatewright-bench-peer-"));
  opened.defer(() => rmSync(folder, { recursive: true }));
  const key = makeClientKey();
  const process = opened.use(
    await startMeasured({
      entry: new URL("./peer.ts", import.meta.url),
      args: [JSON.stringify(key.jwks(kid))],
      env: {},
      folder,
      readyLine: peerReadyLine,
    }),
  );
  const { origin, tokens } = JSON.parse(process.ready.slice(peerReadyLine.length)) as PeerReady;
  const target: Target = { process, load: opened.use(openLoad(origin)) };

  function token(
    clientId: ClientId,
    grant: () => Record<string, string>,
    accept: (answer: LoadAnswer) => boolean,
  ): LoadRequest {
    const client = {
      client_assertion_type: assertionType,
      client_assertion: key.assertion({ clientId, kid, audience: origin }),
    };
    return {
      path: "/token",
      headers: contentType("form"),
      body: () => String(new URLSearchParams({ ...client, ...grant() })),
      accept,
    };
  }

  const refreshes = (clientId: ClientId) => {
    const current = [...tokens[clientId]];
    return async (count: number) =>
      Array.from({ length: count }, (_, index) => {
        const login = index % current.length;
        const grant = () => ({
          grant_type: "refresh_token",
          refresh_token: current[login] as string,
        });
        return token(clientId, grant, (answer) => {
          const before = current[login];
          current[login] = String(memberOf(answer, "refresh_token"));
          const rotated = current[login] !== before;
          return hasTexts(answer, "id_token") && rotated === (clientId === "rotating");
        });
      });
  };

  const ownToken = () => ({ grant_type: "client_credentials" });
  const cases = [
    {
      name: "peer: client_credentials",
      target,
      prepare: async (count: number) =>
        Array.from({ length: count }, () =>
          token("keeping", ownToken, (answer) => hasTexts(answer, "access_token")),
        ),
    },
    { name: "peer: refresh", target, prepare: refreshes("keeping") },
    { name: "peer: refresh, rotated", target, prepare: refreshes("rotating") },
  ];
  const resources = opened.move();
  return { cases, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
