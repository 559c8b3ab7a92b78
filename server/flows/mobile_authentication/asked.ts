// What a start of a mobile authentication asks for: where its end is called back to, and what the phone shows.
import type { StartMobileAuthenticationRequest } from "../../../gen/gatewright/v1/mobile_auth.ts";
import type { MobileAuthenticationType } from "../../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../../core/refusal.ts";
import type { World } from "../world.ts";

const invalid = (detail: string): Refusal => new Refusal("REQUEST_INVALID", { detail });

/**
 * Gives the callback of a start, null when it has none. Throws REQUEST_INVALID when the type demands one, and
 * for every URL that is not one of the set-up list, character by character. Source: D-56, SEC-57.
 */
export function checkCallback(
  world: Pick<World, "configuration">,
  { name, callbackRequired }: MobileAuthenticationType,
  callbackUri: string | undefined,
): string | null {
  if (callbackUri === undefined) {
    if (callbackRequired !== true) return null;
    throw invalid(`callback_uri is missing, which the type ${name} requires`);
  }
  if (world.configuration().callbacks.has(callbackUri)) return callbackUri;
  throw invalid(
    "callback_uri is none of the callbacks of the set-up; it has to be written exactly as there",
  );
}

/** Tells whether a text has more characters (code points) than that; a long one is not taken apart for it. */
const isLonger = (text: string, characters: number): boolean =>
  text.length > 2 * characters || [...text].length > characters;

/** Gives the message of a type for a language: its own, that of its primary subtag, or the English one. */
function usualMessage(
  { messages }: MobileAuthenticationType,
  languageCode = "en",
): string | undefined {
  const language = languageCode.toLowerCase();
  const [primary = ""] = language.split(/[-_]/);
  return messages.get(language) ?? messages.get(primary) ?? messages.get("en");
}

/**
 * Gives what the phone shows: the secure message, else the message, else that of the type. Throws
 * MESSAGE_TOO_LONG for a message with more characters (code points) than the type allows, or a secure one
 * with more bytes of UTF-8 than the setting does, and REQUEST_INVALID when there is nothing to show.
 * Source: Mobile authentication API version 4, Initialization; D-54, SEC-47.
 */
export function messageOf(
  world: Pick<World, "policy">,
  type: MobileAuthenticationType,
  { message, secureMessage, languageCode }: StartMobileAuthenticationRequest,
): string {
  const shown = secureMessage ?? message ?? usualMessage(type, languageCode);
  if (shown === undefined) {
    throw invalid(`message is missing, and the type ${type.name} has none of its own`);
  }
  const characters = type.maxMessageLength ?? 0;
  if (message !== undefined && isLonger(message, characters)) {
    const detail = `message may have at most ${characters} characters`;
    throw new Refusal("MESSAGE_TOO_LONG", { detail });
  }
  const bytes = world.policy.secureMessageBytes;
  if (secureMessage !== undefined && Buffer.byteLength(secureMessage) > bytes) {
    const detail = `secure_message may have at most ${bytes} bytes`;
    throw new Refusal("MESSAGE_TOO_LONG", { detail });
  }
  return shown;
}
