// What people do at the demo's pages: they look for headings, labels and buttons, and press them.
import type { Page } from "playwright-core";

/** The PIN of every user. */
export const pin = "13758";

/** Presses a button by the name that people see or hear. */
export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole("button", { name }).click();

/** Waits for a screen by its heading. */
export const sees = (page: Page, heading: string | RegExp): Promise<void> =>
  page.getByRole("heading", { level: 1, name: heading }).waitFor();

/** Waits for a text that is said, well or badly. */
export const hears = (page: Page, text: string | RegExp): Promise<void> =>
  page.locator("#said, #problem, [role=status]").getByText(text).first().waitFor();

/** Types a PIN on the pad, finger by finger. */
export async function typePin(page: Page, digits = pin): Promise<void> {
  for (const digit of digits) await page.getByRole("button", { name: digit, exact: true }).click();
  await page.getByRole("button", { name: "OK" }).click();
}

/** Takes a picture of the code on the portal's page. */
export const photo = (portal: Page): Promise<Buffer> =>
  portal.getByRole("img", { name: /^QR code/ }).screenshot();

/** Shows a picture to the phone's scanner. */
export const showPicture = (phone: Page, buffer: Buffer): Promise<void> =>
  phone
    .getByLabel("Picture of the code")
    .setInputFiles({ name: "code.png", mimeType: "image/png", buffer });

/** Scans the code on the portal's page with the phone. */
export async function scan(portal: Page, phone: Page): Promise<void> {
  const picture = await photo(portal);
  await press(phone, "Scan a code");
  await showPicture(phone, picture);
}

/** Chooses a PIN that nothing is wrong with. */
export async function choosePin(phone: Page, digits = pin): Promise<void> {
  await sees(phone, "Choose a PIN");
  await typePin(phone, digits);
  await sees(phone, "Repeat the PIN");
  await typePin(phone, digits);
}

/** Enters the portal as a user for the first time. */
export async function enter(portal: Page, name: string): Promise<void> {
  await press(portal, `Enter as ${name}`);
  await sees(portal, /^Good day/);
}

/** Registers the phone for the user who is in at the portal. */
export async function register(portal: Page, phone: Page, name: string): Promise<void> {
  await press(portal, "Register a phone");
  await scan(portal, phone);
  await choosePin(phone);
  await sees(phone, name);
  await hears(portal, "The new device is in the list.");
}
