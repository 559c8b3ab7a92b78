// The demo's pages as people use them, in a real Chromium: a portal in one window, a phone in another.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  choosePin,
  enter,
  hears,
  pin,
  press,
  register,
  scan,
  sees,
  showPicture,
  typePin,
} from "./pages_hands.ts";
import type { Window } from "./pages_scene.ts";
import { openWindow, pagesScene } from "./pages_scene.ts";

const name = "Alice Example";
const bob = "Bob Example";

describe("the pages of the demo", function () {
  this.timeout(90_000);
  const scene = pagesScene();

  let windows: { portal: Window; phone: Window };
  let portal: Page;
  let phone: Page;
  beforeEach(async () => {
    const { browser, portalUrl, phoneUrl } = scene();
    windows = {
      portal: await openWindow(await browser.newContext(), portalUrl),
      phone: await openWindow(await browser.newContext(), phoneUrl),
    };
    portal = windows.portal.page;
    phone = windows.phone.page;
  });
  afterEach(async () => {
    await portal?.context().close();
    await phone?.context().close();
  });
  /** What the consoles of the browser complained of; what was refused on purpose is not in it. */
  const complaints = (): string[] =>
    [...windows.portal.problems, ...windows.phone.problems].filter(
      (text) => !/the server responded with a status of 4\d\d/.test(text),
    );

  describe("a phone that is registered by the picture of a code", () => {
    beforeEach(async () => {
      await enter(portal, name);
      await register(portal, phone, name);
    });
    afterEach(() => assert.deepEqual(complaints(), []));

    it("lets its user in at the portal, when the user approves", async () => {
      await press(portal, "Log out");
      await press(portal, "Show the login code");
      await scan(portal, phone);
      await sees(phone, "Is it you who logs in?");
      await phone.getByText("Log in at the demo portal, from 127.0.0.1?").waitFor();
      await hears(portal, "The phone has it. Approve there.");
      await press(phone, "Approve");
      await hears(phone, "You approved. The portal knows.");
      await sees(portal, "Good day, Alice");
    });

    it("lets nobody in when the user denies", async () => {
      await press(portal, "Log out");
      await press(portal, "Show the login code");
      await scan(portal, phone);
      await press(phone, "Deny");
      await hears(phone, "You denied. The portal knows.");
      await hears(portal, /The phone said no/);
      await sees(portal, "Welcome to the demo portal");
    });

    it("shows what a transfer is about, and the portal does what was answered", async () => {
      await portal.getByLabel("To").fill("Corner Bakery");
      await portal.getByLabel("Amount in EUR").fill("12,50");
      await press(portal, "Send, and approve on the phone");
      await scan(portal, phone);
      await phone.getByText("Transfer 12.50 EUR to Corner Bakery?").waitFor();
      await press(phone, "Approve");
      await hears(portal, "Done: Transfer 12.50 EUR to Corner Bakery is approved.");
      await portal.getByLabel("To").fill("Somebody");
      await portal.getByLabel("Amount in EUR").fill("1");
      await press(portal, "Send, and approve on the phone");
      await scan(portal, phone);
      await press(phone, "Deny");
      await hears(portal, /You denied it on the phone/);
    });

    it("knows its user after a reload, and says how many tries a wrong PIN leaves", async () => {
      await phone.reload();
      await sees(phone, "Who are you?");
      await press(phone, `${name}: log in with PIN`);
      await typePin(phone, "86420");
      await hears(phone, "This PIN is wrong. 4 tries are left.");
      await typePin(phone);
      await sees(phone, name);
    });

    it("asks for the PIN first when a code is scanned by nobody in particular", async () => {
      await press(phone, "Log out");
      await press(portal, "Log out");
      await press(portal, "Show the login code");
      await scan(portal, phone);
      await sees(phone, "Your PIN");
      await typePin(phone);
      await press(phone, "Approve");
      await sees(portal, "Good day, Alice");
    });

    it("logs its user in by fingerprint and by card, each after it was added", async () => {
      await press(phone, "Add Fingerprint");
      await press(phone, "My finger");
      await hears(phone, "You can log in with Fingerprint now.");
      await press(phone, "Add NFC card");
      await press(phone, /^Blue card/);
      await hears(phone, "You can log in with NFC card now.");
      await press(phone, "Log out");
      await press(phone, `${name}: log in with Fingerprint`);
      await press(phone, "Another finger");
      await hears(phone, /That was not your finger/);
      await press(phone, "Try again");
      await press(phone, "My finger");
      await hears(phone, "You are logged in.");
      await press(phone, "Log out");
      await press(phone, `${name}: log in with NFC card`);
      await press(phone, /^Red card/);
      await hears(phone, /This is not the card that you registered/);
      await press(phone, /^Blue card/);
      await hears(phone, "You are logged in.");
      await press(phone, "Ask first: NFC card");
      await press(phone, "Remove Fingerprint");
      await hears(phone, "Fingerprint is removed.");
      await press(phone, "Log out");
      await press(phone, `${name}: log in with NFC card`);
      await press(phone, "Use the PIN");
      await typePin(phone);
      await hears(phone, "You are logged in.");
    });

    it("changes its PIN", async () => {
      await press(phone, "Change PIN");
      await typePin(phone);
      await choosePin(phone, "97513");
      await hears(phone, "Your PIN is changed.");
      await press(phone, "Log out");
      await press(phone, `${name}: log in with PIN`);
      await typePin(phone, pin);
      await hears(phone, /This PIN is wrong/);
      await typePin(phone, "97513");
      await sees(phone, name);
    });

    it("is as new once its last user is removed from it", async () => {
      await press(phone, "Remove from this phone");
      await phone.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await hears(phone, `${name} is removed from this phone.`);
      await sees(phone, "A new phone");
    });

    it("asks its user to register again when the portal removed it", async () => {
      const removals = portal.getByRole("button", { name: "Remove Demo phone" });
      for (let left = await removals.count(); left > 0; left -= 1) {
        await removals.first().click();
        await portal.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
        await removals.nth(left - 1).waitFor({ state: "detached" });
      }
      await portal.getByText("None yet. Register a phone to have one.").waitFor();
      await phone.reload();
      await press(phone, `${name}: log in with PIN`);
      await typePin(phone);
      await hears(phone, /Register this phone again at the portal/);
      await sees(phone, "A new phone");
    });

    it("may approve for nobody but its own user", async () => {
      const { browser, portalUrl } = scene();
      const other = await openWindow(await browser.newContext(), portalUrl);
      await enter(other.page, bob);
      await other.page.getByLabel("To").fill("Corner Bakery");
      await other.page.getByLabel("Amount in EUR").fill("1");
      await press(other.page, "Send, and approve on the phone");
      await scan(other.page, phone);
      await press(phone, "Approve");
      await hears(other.page, /Somebody else approved it. Nothing was transferred/);
      await other.page.context().close();
    });

    it("is used in two tabs at once", async () => {
      const second = await openWindow(phone.context(), scene().phoneUrl);
      await sees(second.page, "Who are you?");
      await phone.reload();
      for (const page of [phone, second.page]) {
        // A tab behind another one is slow.
        await page.bringToFront();
        await press(page, `${name}: log in with PIN`);
        for (const digit of pin) await press(page, new RegExp(`^${digit}$`));
      }
      await Promise.all([press(phone, "OK"), press(second.page, "OK")]);
      await Promise.all([sees(phone, name), sees(second.page, name)]);
      await phone.bringToFront();
      await press(phone, "Add Fingerprint");
      await press(phone, "My finger");
      await hears(phone, "You can log in with Fingerprint now.");
      await second.page.bringToFront();
      await press(second.page, "Log out");
      await press(second.page, `${name}: log in with Fingerprint`);
      await press(second.page, "My finger");
      await hears(second.page, "You are logged in.");
      assert.deepEqual(second.problems, []);
    });
  });

  it("say what is wrong with a PIN, and take the next one", async () => {
    await enter(portal, name);
    await press(portal, "Register a phone");
    await scan(portal, phone);
    await sees(phone, "Choose a PIN");
    await press(phone, "OK");
    await hears(phone, /The PIN has 5 digits. Type 5 more/);
    for (const [broken, problem] of [
      ["12345", /Do not use a sequence/],
      ["11112", /Do not repeat a digit so often/],
    ] as const) {
      await typePin(phone, broken);
      await hears(phone, problem);
    }
    await typePin(phone, pin);
    await sees(phone, "Repeat the PIN");
    await typePin(phone, "97513");
    await hears(phone, /The two were not the same/);
    await choosePin(phone);
    await sees(phone, name);
  });

  it("register by challenge and response, in two steps", async () => {
    await enter(portal, bob);
    await press(phone, "Use a challenge");
    await sees(phone, "Register by challenge");
    await phone.getByLabel("Response of the portal").fill("000000");
    await press(phone, "Register");
    await hears(phone, /The portal has not seen this challenge yet/);
    const challenge = (await phone.locator(".challenge").textContent()) ?? "";
    await portal.getByText("The phone shows a challenge").click();
    await portal.getByLabel("Challenge", { exact: true }).fill(challenge);
    await press(portal, "Get the response");
    const said = await portal.getByText(/^Type this on the phone: \d{6}$/).textContent();
    await phone.getByLabel("Response of the portal").fill(String(said).slice(-6));
    await press(phone, "Register");
    await choosePin(phone);
    await sees(phone, bob);
    assert.deepEqual(complaints(), []);
  });

  it("take the text of a code in place of its picture, once", async () => {
    await enter(portal, name);
    await press(portal, "Register a phone");
    await portal.getByText("No camera? Use the text of the code").click();
    const text = await portal.getByLabel("Text of the code").inputValue();
    for (const heading of ["Choose a PIN", "A new phone"]) {
      await press(phone, "Scan a code");
      await phone.getByLabel("Text of the code").fill(text);
      await press(phone, "Use this text");
      await sees(phone, heading);
      if (heading === "A new phone") await hears(phone, /too old, or was used already/);
      else await press(phone, "Cancel");
    }
  });

  it("say so when there is no code in a picture, no text, or a text of something else", async () => {
    await press(phone, "Scan a code");
    await showPicture(phone, await portal.screenshot());
    await hears(phone, /There is no QR code to be read in this picture/);
    await showPicture(phone, Buffer.from("no picture"));
    await hears(phone, /There is no QR code to be read in this picture/);
    await press(phone, "Use this text");
    await hears(phone, /There is no text yet/);
    await phone.getByLabel("Text of the code").fill("https://example.com");
    await press(phone, "Use this text");
    await hears(phone, /This is no code of the portal/);
  });
});
