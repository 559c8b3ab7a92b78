// The devices of the user: the list, a new one by QR code or by challenge, and their removal.
import { button, field, fill, form, make, row, time } from "../elements.ts";
import { confirmed, say, warn } from "../screen.ts";
import type { Device } from "./calls.ts";
import { calls } from "./calls.ts";
import type { StateWords } from "./code_panel.ts";
import { codePanel } from "./code_panel.ts";
import type { Attempt, Section } from "./section.ts";

const words: StateWords = {
  waiting: "Scan the code with the phone. It works once, for a minute.",
  scanned: "The phone has it.",
  approved: "The phone scanned the code. Choose a PIN there; then it is in the list.",
  denied: "The phone said no.",
  stranger: "Somebody else scanned the code.",
  expired: "The code is too old. Ask for a new one.",
  failed: "The portal lost sight of the code. Ask for a new one.",
};

const followMs = 1_500;
const mostLooks = 40;

function line(device: Device, remove: () => void): HTMLLIElement {
  const { name, platform, application, createdAt, lastLogin } = device;
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("strong", {}, name),
      make("p", { class: "hint" }, `${application}, ${platform}, since `, time(createdAt)),
      lastLogin ? make("p", { class: "hint" }, "Last login ", time(lastLogin)) : undefined,
    ),
    button("Remove", remove, "danger", `Remove ${name}`),
  );
}

/** Makes the section. */
export function devicesSection(attempt: Attempt): Section {
  const list = make("ul", { class: "list" });
  const panel = codePanel("register a phone");

  const remove = async ({ id, name }: Device): Promise<void> => {
    const text = "Its profiles, PINs and tokens end at once. The phone has to be registered again.";
    if (!(await confirmed(`Remove ${name}?`, text, "Remove it"))) return;
    await attempt(async () => {
      await calls.removeDevice(id);
      say(`${name} is removed.`);
    });
  };

  const refresh = async (): Promise<number> => {
    const devices = await calls.devices();
    fill(list, devices, "None yet. Register a phone to have one.", (device) =>
      line(device, () => void remove(device)),
    );
    return devices.length;
  };

  /** The portal hears of the scan, and sees the device when the user of the phone has gone through. */
  const follow = async (before: number): Promise<void> => {
    for (let looks = 0; looks < mostLooks && list.isConnected; looks += 1) {
      if ((await refresh()) > before) return say("The new device is in the list.");
      await new Promise((resolve) => setTimeout(resolve, followMs));
    }
  };

  const add = async (): Promise<void> => {
    const before = await refresh();
    const state = await panel.run(calls.addDevice, words);
    if (state === undefined) return;
    if (state !== "approved") return warn(words[state]);
    say(words.approved);
    await follow(before);
  };

  const element = make(
    "section",
    { class: "card", "aria-labelledby": "devices" },
    make("h2", { id: "devices" }, "Your devices"),
    list,
    row(button("Register a phone", () => void attempt(add), "main")),
    panel.element,
    challengeForm(attempt),
  );
  return { element, refresh, close: panel.close };
}

/** The other way to register: the phone shows a challenge, the portal gives the response. */
function challengeForm(attempt: Attempt): HTMLElement {
  const input = make("input", {
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: "20",
    required: true,
  });
  const answer = make("p", { role: "status", class: "state" });
  const submit = (): void =>
    void attempt(async () => {
      answer.textContent = "";
      const { response } = await calls.answerChallenge(input.value);
      input.value = "";
      answer.textContent = `Type this on the phone: ${response}`;
    });
  return make(
    "details",
    {},
    make("summary", {}, "The phone shows a challenge"),
    form(
      submit,
      field("Challenge", input, "Twelve digits, such as 1234-5678-9012."),
      row(make("button", { class: "plain" }, "Get the response")),
    ),
    answer,
  );
}
