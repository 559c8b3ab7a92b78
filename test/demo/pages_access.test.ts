// Whether everybody can use the demo's pages: axe-core, a narrow window and a keyboard on every screen.
import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { pin, press, sees } from "./pages_hands.ts";
import { openWindow, pagesScene } from "./pages_scene.ts";
import { tour } from "./pages_tour.ts";

const grave = new Set(["serious", "critical"]);
const narrow = { width: 360, height: 740 };
const wide = { width: 1280, height: 900 };

/** Gives what axe-core finds that keeps people out. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<axe.AxeResults>("axe.run()");
  return found
    .filter(({ impact }) => grave.has(impact ?? ""))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** Gives the elements that stick out of a window to the side. */
const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 100))`);

describe("access to the demo's pages", function () {
  this.timeout(180_000);
  const scene = pagesScene();

  it("is hindered by nothing serious on any screen, by day or night, narrow or wide", async () => {
    const { browser, portalUrl, phoneUrl } = scene();
    const still = { reducedMotion: "reduce" } as const;
    const [portal, phone] = [
      await openWindow(await browser.newContext(still), portalUrl),
      await openWindow(await browser.newContext(still), phoneUrl),
    ];
    const seen: string[] = [];
    await tour(portal.page, phone.page, async (page, name) => {
      seen.push(name);
      for (const [viewport, colorScheme] of [
        [narrow, "dark"],
        [wide, "light"],
      ] as const) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}`);
        assert.deepEqual(await sticksOut(page), [], `${name}, ${viewport.width} px`);
      }
    });
    assert.equal(new Set(seen).size, 24, seen.join());
    await portal.page.context().close();
    await phone.page.context().close();
  });

  it("needs no mouse: a phone is registered and used by keys alone", async () => {
    const { browser, portalUrl, phoneUrl } = scene();
    const [portal, phone] = [
      (await openWindow(await browser.newContext(), portalUrl)).page,
      (await openWindow(await browser.newContext(), phoneUrl)).page,
    ];
    /** Goes on with Tab until the focus is on something of this name, and presses a key there. */
    const reach = async (page: Page, name: RegExp, key: string): Promise<void> => {
      const focus = `(() => {
        const at = document.activeElement;
        return at?.getAttribute("aria-label") ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? "";
      })()`;
      for (let tabs = 0; tabs < 30; tabs += 1) {
        await page.keyboard.press("Tab");
        if (name.test(await page.evaluate<string>(focus))) return page.keyboard.press(key);
      }
      assert.fail(`Tab leads to no ${name}`);
    };
    await reach(portal, /^Enter as Bob/, "Enter");
    await sees(portal, "Good day, Bob");
    await reach(portal, /^Register a phone/, "Enter");
    await portal.getByRole("img", { name: /^QR code/ }).waitFor();
    await reach(portal, /^No camera/, "Enter");
    const text = await portal.getByLabel("Text of the code").inputValue();
    await reach(phone, /^Scan a code/, "Space");
    await sees(phone, "Scan a code");
    await reach(phone, /^Text of the code/, "End");
    await phone.keyboard.type(text);
    await reach(phone, /^Use this text/, "Enter");
    for (const heading of ["Choose a PIN", "Repeat the PIN"]) {
      await sees(phone, heading);
      await phone.keyboard.type(pin);
      await phone.keyboard.press("Enter");
    }
    await sees(phone, "Bob Example");
    await reach(phone, /^Add Fingerprint/, "Enter");
    await phone.getByRole("dialog").waitFor();
    await phone.keyboard.press("Escape");
    await sees(phone, "Your finger");
    await reach(phone, /^Cancel/, "Enter");
    await sees(phone, "Bob Example");
    await press(phone, "Log out");
    await portal.context().close();
    await phone.context().close();
  });
});
