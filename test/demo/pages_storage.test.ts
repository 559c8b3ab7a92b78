// What the phone page keeps in a real browser, and the laws of every store for the one that is in IndexedDB.
import assert from "node:assert/strict";
import { join } from "node:path";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { laws } from "../clients/sdk/storage_laws.ts";
import { enter, pin, register } from "./pages_hands.ts";
import { openWindow, pagesScene } from "./pages_scene.ts";

const root = join(import.meta.dirname, "../..");

/** Runs each law in the browser; gives what went wrong by the name of the law. */
const runner = `
  import { indexedDbStorage } from "./clients/sdk/storage/indexed_db.ts";
  import { laws } from "./test/clients/sdk/storage_laws.ts";
  let places = 0;
  const newStore = () => { places += 1; return "place-" + places; };
  const placeOf = (name) => ({
    open: () => indexedDbStorage(name),
    elsewhere: () => indexedDbStorage(newStore()),
  });
  export const run = async (at) => {
    try {
      await laws[at].holds(placeOf(newStore()));
      return "held";
    } catch (error) {
      return String(error.stack ?? error);
    }
  };
`;

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: runner, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2023",
  });
  return outputFiles[0]?.text ?? "";
}

/** Reads everything that an origin keeps as the browser keeps it; keys are tried for what they give away. */
const everything = `(async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const told = async (value) => {
    if (value instanceof CryptoKey) {
      const way = { private: "pkcs8", secret: "raw" }[value.type];
      const given = way && await crypto.subtle.exportKey(way, value).catch((error) => error.name);
      return "[" + value.type + " key: " + given + "]";
    }
    if (ArrayBuffer.isView(value)) return new TextDecoder("latin1").decode(value);
    if (Object(value) !== value) return String(value);
    const parts = await Promise.all(Object.entries(value).map(async ([name, part]) => name + "=" + await told(part)));
    return parts.join(";");
  };
  const lines = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie];
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const entries = database.transaction(store).objectStore(store);
      const [keys, values] = [await done(entries.getAllKeys()), await done(entries.getAll())];
      for (const [at, key] of keys.entries()) lines.push(store + " " + key + ": " + await told(values[at]));
    }
    database.close();
  }
  return lines.join("\\n");
})()`;

/** Keeps what the page is answered in `given`: the browser itself may drop it before it is asked. */
const keepingAnswers = `
  const { fetch } = globalThis;
  globalThis.given = [];
  globalThis.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    const bytes = answer.clone().arrayBuffer();
    given.push(bytes.then((body) => new TextDecoder("latin1").decode(body)));
    return answer;
  };`;

describe("what the phone page keeps", function () {
  this.timeout(120_000);
  const scene = pagesScene();

  describe("indexedDbStorage", () => {
    let page: Page;
    before(async () => {
      const { browser, phoneUrl } = scene();
      const context = await browser.newContext();
      const body = await bundled();
      await context.route(`${phoneUrl}/laws.js`, (route) =>
        route.fulfill({ contentType: "text/javascript", body }),
      );
      ({ page } = await openWindow(context, phoneUrl));
    });
    after(() => page?.context().close());

    for (const [at, { name }] of laws.entries()) {
      it(name, async () => {
        const verdict = await page.evaluate(`import("/laws.js").then(({ run }) => run(${at}))`);
        assert.equal(verdict, "held");
      });
    }
  });

  it("shows neither PIN nor tokens nor private keys to whoever reads it", async () => {
    const { browser, portalUrl, phoneUrl, issuer } = scene();
    const portal = (await openWindow(await browser.newContext(), portalUrl)).page;
    const ofPhone = await browser.newContext();
    await ofPhone.addInitScript({ content: keepingAnswers });
    const phone = (await openWindow(ofPhone, phoneUrl)).page;
    const sent: string[] = [];
    phone.on("request", (request) => {
      if (!request.url().startsWith(new URL(issuer).origin)) return;
      sent.push(request.postDataBuffer()?.toString("latin1") ?? "");
    });
    await enter(portal, "Bob Example");
    await register(portal, phone, "Bob Example");
    const kept = await phone.evaluate<string>(everything);
    const given = await phone.evaluate<string>("Promise.all(given).then((texts) => texts.join())");
    const tokens = given.match(/[0-9A-F]{64}|eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? [];
    // The access, refresh and ID token of the registration at least, or nothing is shown by what follows.
    assert(new Set(tokens).size >= 3, String(tokens.length));
    for (const secret of [...tokens, "PRIVATE KEY", "refresh", pin]) {
      assert(!kept.includes(secret), `${secret} in ${kept}`);
    }
    assert.match(kept, /keys device: .*\[private key: InvalidAccessError\]/);
    assert.equal(kept.match(/\[secret key: InvalidAccessError\]/g)?.length, 2, kept);
    assert.match(kept, /^texts /m);
    assert(sent.length > 0);
    assert(!sent.join("\n").includes(pin), "the PIN was sent");
    await portal.context().close();
    await phone.context().close();
  });
});
