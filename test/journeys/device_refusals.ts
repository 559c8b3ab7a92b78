// The refusals of app installations and of the end-user API.
import type { ReasonName } from "../../proto/contract.ts";
import { newKey } from "../support/assertions.ts";
import { basic } from "../support/http.ts";
import { secrets } from "../support/usual_setup.ts";
import type { Ask } from "./doors.ts";
import type { Answered, Row } from "./refusal_answers.ts";
import { answered } from "./refusal_answers.ts";

const as = (status: number, word: string, reason: ReasonName, code: number): Answered => ({
  status,
  word,
  reason,
  code,
});
const versionDisabled = as(403, "application_version_disabled", "VERSION_DISABLED", 7);
const noApiClient = as(401, "unauthorized", "API_CREDENTIALS_REJECTED", 16);
const noUserData = as(404, "not_found", "USER_DATA_NOT_FOUND", 5);
const noAccessToken = as(401, "invalid_token", "ACCESS_TOKEN_INVALID", 16);

const userId = "nobody-at-all";

const asked = (
  method: Ask["method"],
  message: Ask["message"] = {},
  authorization?: string,
): Row["ask"] => {
  return () => ({ method, message, ...(authorization === undefined ? {} : { authorization }) });
};
const helpdesk = basic("helpdesk", secrets.helpdesk);

/** A row for each refusal that these endpoints document, and more where it matters. */
export const deviceRefusals: readonly Row[] = [
  {
    name: "an app installation of a version that is disabled",
    ask: async () => ({
      method: "registerDevice",
      message: {
        softwareId: "released",
        softwareVersion: "1.0",
        jwks: { keys: [(await newKey()).publicJwk] },
      },
    }),
    ...versionDisabled,
  },
  {
    name: "an app configuration without authentication",
    ask: asked("getAppConfiguration"),
    ...answered.rejected,
  },
  {
    name: "an app configuration with a secret",
    ask: asked("getAppConfiguration", {}, basic("web-v1", secrets["web-v1"])),
    ...answered.rejected,
  },
  {
    name: "an app configuration with an access token",
    ask: asked("getAppConfiguration", {}, `Bearer ${"A".repeat(64)}`),
    ...answered.rejected,
  },
  {
    name: "an update of an installation without authentication",
    ask: asked("updateDevice", { deviceName: "mine" }),
    ...answered.rejected,
  },
  {
    name: "an update of an installation by a web application",
    ask: async ({ authenticate, web }) => ({
      method: "updateDevice",
      message: { ...(await authenticate(web)) },
    }),
    ...answered.rejected,
  },
  {
    name: "the end of an installation without authentication",
    ask: asked("deleteDevice"),
    ...answered.rejected,
  },
  {
    name: "the end of a profile without authentication",
    ask: asked("deleteProfile", { profileId: "W8DUJ2" }),
    ...answered.rejected,
  },
  {
    name: "the end of a profile with another scheme",
    ask: asked("deleteProfile", { profileId: "W8DUJ2" }, "Digest abc"),
    ...answered.rejected,
  },
  {
    name: "the end of a profile with an unknown access token",
    ask: asked("deleteProfile", { profileId: "W8DUJ2" }, `Bearer ${"A".repeat(64)}`),
    ...noAccessToken,
  },
  {
    name: "a list of devices without authentication",
    ask: asked("listDevices", { userId }),
    ...noApiClient,
  },
  {
    name: "a list of tokens with a wrong secret",
    ask: asked("listTokens", { userId }, basic("helpdesk", "another-secret")),
    ...noApiClient,
  },
  {
    name: "the end of a token by a web application",
    ask: asked("deleteToken", { userId, tokenId: "t" }, basic("web-v1", secrets["web-v1"])),
    ...noApiClient,
  },
  {
    name: "a list of devices without permission",
    ask: asked("listDevices", { userId }, basic("viewer", secrets.viewer)),
    ...answered.noPermission,
  },
  {
    name: "a list of devices of nobody",
    ask: asked("listDevices", { userId }, helpdesk),
    ...noUserData,
  },
  {
    name: "a list of tokens of nobody",
    ask: asked("listTokens", { userId }, helpdesk),
    ...noUserData,
  },
  {
    name: "the end of a device that is named twice",
    ask: asked("deleteSelectedDevices", { userId, delete: ["d", "e", "d"] }, helpdesk),
    ...answered.malformed,
  },
];
