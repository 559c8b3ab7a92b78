// What set-up objects that the server calls out to have to be: web hooks and callbacks.
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { hasUserinfo, isHttp } from "../../engine/egress_policy.ts";
import { isSigningSecret } from "../../identity/webhook_signature.ts";

/** Tells whether a text is a URL to which a path can be added. */
function isBaseUrl(text: JsonValue | undefined): boolean {
  const url = typeof text === "string" ? URL.parse(text) : null;
  return url !== null && isHttp(url) && !hasUserinfo(url) && !/[?#]/.test(url.href);
}

/** Tells whether a value can be the user of HTTP Basic. Source: RFC 7617 section 2. */
const isBasicUser = (user: JsonValue | undefined): boolean =>
  typeof user === "string" && /^[^:\p{Cc}]+$/u.test(user);

/** Says what of a web hook does not fit together. Source: product 3.9. */
export const webHookProblems = ({ type, url, authentication, user }: JsonObject): string[] => [
  ...(type === undefined ? ["type: takes CUSTOMIZE_TOKEN or USER_DETAILS_CUSTOMIZATION"] : []),
  ...(isBaseUrl(url)
    ? []
    : ["url: takes an http or https URL without user, password, query and fragment"]),
  ...(authentication === "BASIC" && !isBasicUser(user)
    ? ["user: BASIC needs one, without colon and control characters"]
    : []),
];

/** Tells whether a text is a URL that a callback can be sent to. */
function isCallbackUrl(text: JsonValue | undefined): boolean {
  const url = typeof text === "string" ? URL.parse(text) : null;
  return url !== null && isHttp(url) && !hasUserinfo(url) && !url.href.includes("#");
}

const signingSecret = "takes whsec_ and 24 to 64 bytes in base64";

/**
 * Says what of a callback and the secrets given with it does not fit together: its URL is sent to as it is
 * written, so it carries nothing that would be dropped. Source: product 5.1, D-56, SEC-56, SEC-62.
 */
export function callbackProblems(
  { url, user }: JsonObject,
  secrets: Readonly<Record<string, string>>,
): string[] {
  const { password, signing_secret: current, previous_signing_secret: previous } = secrets;
  return [
    ...(isCallbackUrl(url)
      ? []
      : ["url: takes an http or https URL without user, password and fragment"]),
    ...(user === undefined || isBasicUser(user)
      ? []
      : ["user: takes one without colon and control characters"]),
    ...(password !== undefined && user === undefined ? ["user: a password needs one"] : []),
    ...(current === undefined || isSigningSecret(current)
      ? []
      : [`signing_secret: ${signingSecret}`]),
    // An empty one ends it.
    ...(!previous || isSigningSecret(previous)
      ? []
      : [`previous_signing_secret: ${signingSecret}`]),
  ];
}
