// The commands `phone ...` about the PIN and the other authenticators of a user.
import type { Cell } from "../columns.ts";
import { columnLines } from "../columns.ts";
import type { Command } from "../command.ts";
import { UsageFault } from "../command.ts";
import { optionsOf } from "../options.ts";
import { askNewPin, pinHandler } from "./answers.ts";
import type { Phone } from "./phone.ts";
import { loggedIn, phoneDetails, phoneOptions, phoneUsage, userOf, withPhone } from "./phone.ts";

/** Changes the PIN. */
export const phonePin: Command = {
  name: "phone pin",
  usage: `[PROFILE] ${phoneUsage}`,
  summary: "changes the PIN of a user",
  details: [
    "Asks for the PIN, once to log in and once more to change it, and for the new one: with --pin-stdin",
    "these are three lines.",
    ...phoneDetails,
  ],
  async run(args, world) {
    const { words, values } = optionsOf(args, [0, 1], phoneOptions);
    return withPhone(values, world, (phone) =>
      loggedIn(phone, words[0], async ({ profileId }) => {
        const { onPin } = pinHandler(phone);
        await phone.client.changePin({ onPin, onCreatePin: askNewPin(phone) });
        phone.print(`${profileId} has a new PIN`);
        return 0;
      }),
    );
  },
};

const changes = {
  add: { type: "string" },
  drop: { type: "string" },
  prefer: { type: "string" },
} as const;

type Change = (
  phone: Phone,
  id: string,
  profile: string | undefined,
  data?: string,
) => Promise<void>;

const changeBy: Readonly<Record<keyof typeof changes, Change>> = {
  add: (phone, id, profile, data) =>
    loggedIn(phone, profile, async () => {
      await phone.client.registerAuthenticator(id, pinHandler(phone, data));
    }),
  drop: (phone, id, profile) =>
    loggedIn(phone, profile, () => phone.client.deregisterAuthenticator(id)),
  prefer: async (phone, id, profile) =>
    phone.client.setPreferredAuthenticator(await userOf(phone, profile), id),
};

async function list(phone: Phone, profile: string | undefined): Promise<void> {
  const all = await phone.client.authenticators(await userOf(phone, profile));
  const rows = all.map(({ id, name, type, isRegistered, isPreferred }): Cell[] => [
    id,
    name,
    type,
    isRegistered ? ["registered", "green"] : "",
    isPreferred ? "preferred" : "",
  ]);
  const headings = ["ID", "NAME", "TYPE", "", ""].map((name): Cell => [name, "bold"]);
  phone.print(columnLines([headings, ...rows]).join("\n"));
}

/** Lists the authenticators of a user, and changes them. */
export const phoneAuthenticators: Command = {
  name: "phone authenticators",
  usage: `[PROFILE] [--add ID [--data TEXT] | --drop ID | --prefer ID] ${phoneUsage}`,
  summary: "lists the authenticators of a user, or changes them",
  details: [
    "--add registers one, with --data for its script, --drop removes one, --prefer makes one the first to",
    "be asked. Adding and dropping ask for the PIN.",
    ...phoneDetails,
  ],
  async run(args, world) {
    const options = { ...phoneOptions, ...changes, data: { type: "string" } } as const;
    const { words, values } = optionsOf(args, [0, 1], options);
    const asked = (["add", "drop", "prefer"] as const).flatMap((kind) => {
      const id = values[kind];
      return id === undefined ? [] : [{ kind, id }];
    });
    if (asked.length > 1) throw new UsageFault("--add, --drop and --prefer exclude each other");
    return withPhone(values, world, async (phone) => {
      for (const { kind, id } of asked) await changeBy[kind](phone, id, words[0], values.data);
      await list(phone, words[0]);
      return 0;
    });
  },
};
