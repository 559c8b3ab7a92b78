// A tour past every screen of the demo's pages.
import type { Page } from "playwright-core";
import {
  choosePin,
  enter,
  hears,
  photo,
  press,
  scan,
  sees,
  showPicture,
  typePin,
} from "./pages_hands.ts";

/** Looks at a screen; `name` tells it from the others. */
export type Look = (page: Page, name: string) => Promise<void>;

const user = "Bob Example";

/** From the first screens to a user of the phone. */
async function registration(portal: Page, phone: Page, look: Look): Promise<void> {
  await look(portal, "portal-welcome");
  await look(phone, "phone-new");
  await enter(portal, user);
  await look(portal, "portal-empty");
  await press(phone, "Use a challenge");
  await sees(phone, "Register by challenge");
  await look(phone, "phone-challenge");
  await press(phone, "Cancel");
  await sees(phone, "A new phone");
  await portal.getByText("The phone shows a challenge").click();
  await press(portal, "Get the response");
  await hears(portal, /No phone shows this challenge/);
  await look(portal, "portal-challenge");
  await press(portal, "Register a phone");
  const picture = await photo(portal);
  await portal.getByText("No camera? Use the text of the code").click();
  await look(portal, "portal-code");
  await press(phone, "Scan a code");
  await look(phone, "phone-scan");
  await press(phone, "Use this text");
  await look(phone, "phone-scan-problem");
  await showPicture(phone, picture);
  await sees(phone, "Choose a PIN");
  await look(phone, "phone-pin");
  await typePin(phone, "12345");
  await hears(phone, /Do not use a sequence/);
  await look(phone, "phone-pin-problem");
  await choosePin(phone);
  await sees(phone, user);
  await hears(portal, "The new device is in the list.");
}

/** What a user can do who is in. */
async function inside(portal: Page, phone: Page, look: Look): Promise<void> {
  await look(portal, "portal-home");
  await look(phone, "phone-home");
  await press(phone, "Add Fingerprint");
  await phone.getByRole("dialog").waitFor();
  await look(phone, "phone-sensor");
  await press(phone, "My finger");
  await hears(phone, "You can log in with Fingerprint now.");
  await press(phone, "Add NFC card");
  await sees(phone, /^Hold your NFC card/);
  await look(phone, "phone-card");
  await press(phone, /^Blue card/);
  await hears(phone, "You can log in with NFC card now.");
  await look(phone, "phone-ways");
  await portal.getByLabel("To").fill("Corner Bakery");
  await portal.getByLabel("Amount in EUR").fill("12.50");
  await press(portal, "Send, and approve on the phone");
  await scan(portal, phone);
  await sees(phone, "Do you approve this transfer?");
  await hears(portal, "Your phone has it. Approve or deny there.");
  await look(phone, "phone-confirm");
  await look(portal, "portal-transfer");
  await press(phone, "Deny");
  await hears(portal, /You denied it on the phone/);
  await look(portal, "portal-denied");
}

/** In again, and what cannot be undone. */
async function again(portal: Page, phone: Page, look: Look): Promise<void> {
  await press(phone, "Log out");
  await sees(phone, "Who are you?");
  await look(phone, "phone-users");
  await press(phone, `${user}: log in with Fingerprint`);
  await press(phone, "Another finger");
  await hears(phone, /That was not your finger/);
  await look(phone, "phone-finger");
  await press(phone, "Use the PIN");
  await sees(phone, "Your PIN");
  await typePin(phone, "86420");
  await hears(phone, /This PIN is wrong/);
  await look(phone, "phone-wrong-pin");
  await press(phone, "Cancel");
  await press(phone, "Forget everything");
  await look(phone, "phone-forget");
  await press(phone, "Keep it");
  await portal.getByRole("button", { name: "Remove Demo phone" }).first().click();
  await look(portal, "portal-remove");
  await press(portal, "Keep it");
  await press(portal, "Log out");
  await press(portal, "Show the login code");
  await photo(portal);
  await look(portal, "portal-login");
}

/** Walks past every screen and looks at each. */
export async function tour(portal: Page, phone: Page, look: Look): Promise<void> {
  await registration(portal, phone, look);
  await inside(portal, phone, look);
  await again(portal, phone, look);
}
