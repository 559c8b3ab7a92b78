// The phone of the command line: an app on the SDK, whose device is a folder.
import { homedir } from "node:os";
import { join } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import { SdkError } from "../../sdk/error.ts";
import { fileStorage } from "../../sdk/storage/file.ts";
import type { UserClient, UserProfile } from "../../sdk/types.ts";
import { openUserClient } from "../../sdk/user_client.ts";
import type { World } from "../command.ts";
import { SettingFault, UsageFault } from "../command.ts";
import { pinHandler } from "./answers.ts";
import type { Questions } from "./questions.ts";
import { questionsOf } from "./questions.ts";

/** What every command of the phone takes from its arguments. */
export const phoneOptions = {
  issuer: { type: "string" },
  application: { type: "string" },
  folder: { type: "string" },
  "app-version": { type: "string" },
  "pin-stdin": { type: "boolean" },
} as const;

/** Their usage, in short. */
export const phoneUsage = "[--OPTION]...";

/** What there is to know about them, a line each. */
export const phoneDetails: readonly string[] = [
  "Options of every command of the phone, and the variables that stand in for them:",
  "--issuer URL      of the server (GATEWRIGHT_PHONE_ISSUER, or http://127.0.0.1:8080/oauth)",
  "--application ID  of the set-up (GATEWRIGHT_PHONE_APPLICATION)",
  "--folder FOLDER   the device (GATEWRIGHT_PHONE_FOLDER, or one for each application in ~/.gatewright)",
  "--app-version V   what the app says of its version",
  "--pin-stdin       takes each PIN from a line of stdin; they are asked on the terminal otherwise",
];

type PhoneValues = { readonly [K in keyof typeof phoneOptions]?: string | boolean | undefined };

/** A phone that was opened for one command. */
export interface Phone extends Pick<World, "print" | "note"> {
  readonly client: UserClient;
  readonly questions: Questions;
}

function settingsOf(values: PhoneValues, environment: World["environment"]) {
  const given = (option: "issuer" | "application" | "folder"): string | undefined =>
    String(values[option] ?? environment[`GATEWRIGHT_PHONE_${option.toUpperCase()}`] ?? "") ||
    undefined;
  const issuer = given("issuer") ?? "http://127.0.0.1:8080/oauth";
  const application = given("application");
  if (application === undefined) {
    throw new SettingFault(
      "GATEWRIGHT_PHONE_APPLICATION is not set, nor is --application given; they take the id of an " +
        "application of the set-up",
    );
  }
  // A device belongs to one application of one server: another one would not know it.
  const own = `${application}@${issuer.replace(/^https?:\/\//, "")}`.replace(/[^\w.@-]/g, "_");
  const folder = given("folder") ?? join(homedir(), ".gatewright", own);
  const version = String(values["app-version"] ?? manifest.version);
  return { issuer, application, folder, version };
}

/**
 * Opens the phone that the options and the environment name, does something with it and closes it. Throws
 * `SettingFault`, `SdkError` and what the work throws.
 */
export async function withPhone<T>(
  values: PhoneValues,
  { environment, print, note }: World,
  work: (phone: Phone) => Promise<T>,
): Promise<T> {
  const { folder, ...settings } = settingsOf(values, environment);
  const client = openUserClient({
    ...settings,
    storage: fileStorage(folder),
    device: { name: "Command line", platform: "cli", model: "gatewright phone" },
  });
  try {
    return await work({
      client,
      print,
      note,
      questions: questionsOf(values["pin-stdin"] === true),
    });
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

/** Gives a user of the phone: the named one, or the only one. Throws `UsageFault`. */
export async function userOf({ client }: Phone, id: string | undefined): Promise<UserProfile> {
  if (id !== undefined) return { profileId: id };
  const all = await client.userProfiles();
  const [only] = all;
  if (only && all.length === 1) return only;
  throw new UsageFault(
    only
      ? `the phone has several users; name one of ${all.map(({ profileId }) => profileId).join(", ")}`
      : "nobody is registered on this phone; phone register registers a user",
  );
}

/**
 * Logs a user in with the PIN, does something, and logs the user out: nothing of a login outlives the command. That the
 * server does not learn of it is no failure of the work.
 */
export async function loggedIn<T>(
  phone: Phone,
  id: string | undefined,
  work: (user: UserProfile) => Promise<T>,
): Promise<T> {
  const { client } = phone;
  const user = await userOf(phone, id);
  await client.authenticateUser(user, pinHandler(phone), { authenticator: "pin" });
  try {
    return await work(user);
  } finally {
    await client.logoutUser().catch((error: unknown) => {
      if (!(error instanceof SdkError)) throw error;
    });
  }
}
