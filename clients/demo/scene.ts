// What is open during the demo: a server, a portal, an API and pages for people.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cast } from "./cast.ts";
import type { PhoneSite } from "./pages/phone_site.ts";
import { openPhoneSite } from "./pages/phone_site.ts";
import { openPortal } from "./portal.ts";
import { openResourceServer } from "./resource_server.ts";
import type { ServerProcess } from "./server_process.ts";
import { startServer } from "./server_process.ts";
import { renderSetup } from "./setup.ts";
import type { Stage } from "./stage.ts";

/** What is open during the demo. Disposing ends the server and removes the folder. */
export interface Scene extends AsyncDisposable {
  readonly cast: Cast;
  readonly server: ServerProcess;
  readonly adminSecret: string;
  /** Where people can go on by themselves. */
  readonly phoneSite: PhoneSite | undefined;
}

/** Reads what the pages are made of. Not loaded where nobody is going to look: it takes a bundler. */
const readPages = async () => (await import("./pages/page_files.ts")).readPages();

/**
 * Opens everything: folder, portal, API, and the server with the set-up that names them; unless it is opened for the
 * walk alone (`isOnce`), the pages as well. Throws NotServing.
 */
export async function openScene(
  stage: Stage,
  setupSource: string,
  isOnce: boolean,
): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "gatewright-demo-"));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const pages = isOnce ? undefined : await readPages();
  const portal = opened.use(await openPortal(stage.witness, pages?.portal));
  const phoneSite = pages && opened.use(await openPhoneSite(pages.phone));
  const resourceServer = opened.use(await openResourceServer(stage.witness));
  stage.section("Start");
  stage.fact("Portal", portal.url);
  stage.fact("API", resourceServer.url);
  stage.fact("Folder", folder);
  const { file, secret } = renderSetup(setupSource, folder, portal.url);
  const began = performance.now();
  const server = opened.use(await startServer(folder, file, phoneSite ? [phoneSite.url] : []));
  const startMs = performance.now() - began;
  const { issuer, url } = server;
  portal.join(issuer, {
    client: secret("portal"),
    callback: secret("callback-token"),
    signing: `whsec_${secret("signing-secret")}`,
  });
  phoneSite?.join(issuer);
  resourceServer.join(issuer, secret("resource-server"));
  const adminSecret = secret("admin");
  stage.name(url);
  stage.fact("Token server", url, startMs);
  const parts = opened.move();
  return {
    cast: { stage, issuer, portal, resourceServer },
    server,
    adminSecret,
    phoneSite,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
