// A user registers on the phone: by the QR code of the portal, or by a challenge that is typed there.
import type { Authenticated, RegistrationHandler } from "../../../sdk/types.ts";
import { button, field, form, make, row } from "../elements.ts";
import { say, show, warn } from "../screen.ts";
import { keepName } from "./names.ts";
import type { Phone } from "./phone.ts";
import { busy } from "./phone.ts";

const scopes = ["read", "openid"];

const read = (json: string | undefined): Record<string, unknown> => {
  try {
    return Object(JSON.parse(json ?? "")) as Record<string, unknown>;
  } catch {
    return {};
  }
};

/** Keeps the name of a new user, and lets portals ask for confirmations here. */
async function welcome({ client }: Phone, { profile, info }: Authenticated): Promise<void> {
  const { displayName, startedFrom } = read(info?.data);
  const name = typeof displayName === "string" ? displayName : `Profile ${profile.profileId}`;
  const profiles = await client.userProfiles();
  keepName(
    profile.profileId,
    name,
    profiles.map(({ profileId }) => profileId),
  );
  const from = typeof startedFrom === "string" ? ` It was started at ${startedFrom}.` : "";
  say(`This phone is registered for ${name}.${from}`);
  await client.enrollForMobileAuth();
}

async function register(phone: Phone, identityProvider: string, handler: RegistrationHandler) {
  busy("Registering");
  const options = { identityProvider, scopes };
  const { onCreatePin } = phone.pins;
  await welcome(phone, await phone.client.registerUser({ ...handler, onCreatePin }, options));
}

/** Tells whether the text of a code is one that a phone is registered with. */
export const isRegistrationCode = (text: string): boolean =>
  typeof read(text).identifier === "string";

/** Registers by the text of a code. */
export const registerByCode = (phone: Phone, text: string): Promise<void> =>
  register(phone, "qr", { onFinish: ({ respond }) => respond(text) });

/** Shows a challenge. Resolves with the response that the portal gave for it; undefined when the user cancels. */
function typeResponse(challenge: string, problem: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const input = make("input", { inputmode: "numeric", autocomplete: "off", maxlength: "6" });
  const submit = (): void => {
    if (/^\d{6}$/.test(input.value)) {
      resolve(input.value);
      return;
    }
    warn("The response has six digits. Type it as the portal shows it.");
    input.focus();
  };
  show(
    "Register by challenge",
    make("p", { class: "lead" }, "Type this challenge at the portal, under your devices:"),
    make("p", { class: "challenge" }, challenge),
    form(
      submit,
      field("Response of the portal", input, "Six digits."),
      row(
        make("button", { class: "main" }, "Register"),
        button("Cancel", () => resolve(undefined), "quiet"),
      ),
    ),
  );
  warn(problem);
  return promise;
}

const objections: Readonly<Record<string, string>> = {
  portal_has_not_seen_it: "The portal has not seen this challenge yet. Type it there first.",
  response_wrong: "This is not the response of the portal. Type it again.",
};

/** Registers by challenge and response, in two steps. */
export function registerByChallenge(phone: Phone): Promise<void> {
  let challenge = "";
  return register(phone, "challenge", {
    onInit: ({ respond }) => respond(undefined),
    async onFinish({ info, error, respond, cancel }) {
      const said = read(info?.data);
      if (typeof said.challenge === "string") challenge = said.challenge;
      const problem = error ? (objections[String(said.problem)] ?? "Type the response again.") : "";
      const response = await typeResponse(challenge, problem);
      if (response === undefined) cancel();
      else respond(JSON.stringify({ challenge, response }));
    },
  });
}
