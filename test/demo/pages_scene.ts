// The demo's pages in a real browser: the whole demo without its walk, and Chromium.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromium } from "playwright-core";
import type { Scene } from "../../clients/demo/scene.ts";
import { openScene } from "../../clients/demo/scene.ts";
import { openStage } from "../../clients/demo/stage.ts";

const executablePath = "/usr/bin/chromium";
const setup = join(import.meta.dirname, "../../clients/demo/setup.yaml");
const startMs = 120_000;
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The demo, and a browser to look at it. */
export interface PagesScene {
  readonly browser: Browser;
  readonly portalUrl: string;
  readonly phoneUrl: string;
  readonly issuer: string;
}

/**
 * Gives the stories of a file the same demo and browser: opened before them, closed after them. Where there is no
 * Chromium the stories are skipped and that is printed; in CI they fail.
 */
export function pagesScene(): () => PagesScene {
  let open: { scene: Scene; browser: Browser } | undefined;
  before(async function () {
    this.timeout(startMs);
    if (!existsSync(executablePath) && !process.env.CI) {
      console.log(`      skipped: there is no ${executablePath}`);
      this.skip();
    }
    const browser = await chromium.launch({ executablePath, args });
    const nobody = Object.assign(new PassThrough().resume(), { columns: 80 });
    const stage = openStage(nobody as never, new AbortController().signal);
    open = { browser, scene: await openScene(stage, setup, false) };
  });
  after(async () => {
    await open?.browser.close();
    await open?.scene[Symbol.asyncDispose]();
  });
  return () => {
    assert(open?.scene.phoneSite, "the demo is not open yet");
    const { cast, phoneSite } = open.scene;
    return {
      browser: open.browser,
      portalUrl: cast.portal.url,
      phoneUrl: phoneSite.url,
      issuer: cast.issuer,
    };
  };
}

/** A browser's window with one of the pages, and what went wrong in it. */
export interface Window {
  readonly page: Page;
  readonly problems: readonly string[];
}

/** Opens a page. What the browser's console complains of is kept: errors, and what the policy forbids. */
export async function openWindow(context: BrowserContext, url: string): Promise<Window> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(url);
  return { page, problems };
}
