// The commands `phone ...` about users and how they log in.
import type { Authenticated } from "../../sdk/types.ts";
import type { Cell } from "../columns.ts";
import { columnLines } from "../columns.ts";
import type { Command } from "../command.ts";
import { UsageFault } from "../command.ts";
import { optionsOf } from "../options.ts";
import { infoLine, pinHandler, registrationHandler } from "./answers.ts";
import type { Phone } from "./phone.ts";
import { phoneDetails, phoneOptions, phoneUsage, userOf, withPhone } from "./phone.ts";
import { scanned } from "./scan.ts";

const heading = (...names: string[]): Cell[] => names.map((name): Cell => [name, "bold"]);

function tell({ print, client }: Phone, { profile, info }: Authenticated, what: string): void {
  print(`${profile.profileId} ${what}`);
  const line = infoLine(info);
  if (line !== "") print(line);
  if (client.idToken !== undefined) print("the server gave an ID token as well");
}

/** Registers a user. */
export const phoneRegister: Command = {
  name: "phone register",
  usage: `PROVIDER [--data TEXT | --scan CODE] [--init TEXT] [--scope SCOPE]... [--stateless] ${phoneUsage}`,
  summary: "registers a user on the phone, by an identity provider",
  details: [
    "--data is for the script of the completing step, --init for that of the first; --scan takes the",
    "data of a QR code, from a .png file or as a text. What is not given is asked on the terminal.",
    "--stateless registers for this one moment: no PIN, and nothing is kept.",
    ...phoneDetails,
  ],
  async run(args, world) {
    const { words, values } = optionsOf(args, 1, {
      ...phoneOptions,
      data: { type: "string" },
      init: { type: "string" },
      scan: { type: "string" },
      scope: { type: "string", multiple: true },
      stateless: { type: "boolean" },
    });
    const { data, scan, init, scope: scopes, stateless } = values;
    if (data !== undefined && scan !== undefined) {
      throw new UsageFault("--data and --scan exclude each other");
    }
    const complete = scan === undefined ? data : await scanned(scan);
    const options = { identityProvider: words[0] as string, ...(scopes && { scopes }) };
    return withPhone(values, world, async (phone) => {
      const { client } = phone;
      const handler = registrationHandler(phone, { init, complete });
      const done = stateless
        ? await client.registerStatelessUser(handler, options)
        : await client.registerUser(handler, options);
      tell(phone, done, stateless ? "was let in, without a profile" : "is registered");
      await client.logoutUser();
      return 0;
    });
  },
};

/** Logs a user in. */
export const phoneLogin: Command = {
  name: "phone login",
  usage: `[PROFILE] [--authenticator ID] [--data TEXT] [--token] ${phoneUsage}`,
  summary: "logs a user in",
  details: [
    "--authenticator is pin or one that the user registered; the preferred one when absent. --data is for",
    "its script. --token prints the access token and nothing else, and leaves it good for its time; without",
    "it the user is logged out again. PROFILE may be left out where there is one user.",
    ...phoneDetails,
  ],
  async run(args, world) {
    const { words, values } = optionsOf(args, [0, 1], {
      ...phoneOptions,
      authenticator: { type: "string" },
      data: { type: "string" },
      token: { type: "boolean" },
    });
    const { authenticator, data, token } = values;
    return withPhone(values, world, async (phone) => {
      const { client, print } = phone;
      const user = await userOf(phone, words[0]);
      const done = await client.authenticateUser(user, pinHandler(phone, data), { authenticator });
      if (token) {
        print(client.accessToken ?? "");
        return 0;
      }
      tell(phone, done, "is logged in");
      await client.logoutUser();
      return 0;
    });
  },
};

/** Logs a user in and out. */
export const phoneLogout: Command = {
  name: "phone logout",
  usage: `[PROFILE] ${phoneUsage}`,
  summary: "logs a user in, and out again",
  details: [
    "A login lives as long as its command, so there is none of an earlier one to end: this shows what",
    "logging out says.",
    ...phoneDetails,
  ],
  async run(args, world) {
    const { words, values } = optionsOf(args, [0, 1], phoneOptions);
    return withPhone(values, world, async (phone) => {
      const { client, print } = phone;
      const user = await userOf(phone, words[0]);
      await client.authenticateUser(user, pinHandler(phone), { authenticator: "pin" });
      await client.logoutUser();
      print(`${user.profileId} is logged out; the access token is worth nothing any more`);
      return 0;
    });
  },
};

/** Removes a user. */
export const phoneRemove: Command = {
  name: "phone remove",
  usage: `[PROFILE] [--everything] ${phoneUsage}`,
  summary: "removes a user from the phone and from the server",
  details: [
    "--everything removes the phone itself: all users, and its keys. PROFILE may be left out where there",
    "is one user.",
    ...phoneDetails,
  ],
  async run(args, world) {
    const { words, values } = optionsOf(args, [0, 1], {
      ...phoneOptions,
      everything: { type: "boolean" },
    });
    return withPhone(values, world, async (phone) => {
      const { client, print } = phone;
      if (values.everything) {
        await client.reset();
        print("the phone forgot everything");
        return 0;
      }
      const user = await userOf(phone, words[0]);
      await client.deregisterUser(user);
      print(`${user.profileId} is removed`);
      return 0;
    });
  },
};

/** Lists the users of the phone. */
export const phoneProfiles: Command = {
  name: "phone profiles",
  usage: phoneUsage,
  summary: "lists the users of the phone",
  details: phoneDetails,
  async run(args, world) {
    const { values } = optionsOf(args, 0, phoneOptions);
    return withPhone(values, world, async ({ client, print }) => {
      const users = await client.userProfiles();
      const rows = await Promise.all(
        users.map(async (user): Promise<Cell[]> => {
          const isEnrolled = await client.isUserEnrolledForMobileAuth(user);
          const preferred = await client.preferredAuthenticator(user);
          return [user.profileId, preferred, isEnrolled ? ["enrolled", "green"] : ""];
        }),
      );
      const lines = columnLines([
        heading("PROFILE", "PREFERRED", "MOBILE AUTHENTICATION"),
        ...rows,
      ]);
      print(rows.length === 0 ? "no users" : lines.join("\n"));
      return 0;
    });
  },
};
