// The commands `callbacks ...`: what receivers were not told yet, and what callbacks are signed with.
import type { PendingCallback } from "../../gen/gatewright/v1/callback.ts";
import type { Cell } from "./columns.ts";
import { columnLines } from "./columns.ts";
import type { Command } from "./command.ts";
import { exactly, UsageFault } from "./command.ts";
import { countOf, optionsOf } from "./options.ts";

const timeOf = (time: number | undefined): string =>
  time === undefined ? "" : new Date(time).toISOString();

const headings = ["MADE", "STATE", "TRIES", "NEXT", "URL", "TRANSACTION", "LAST PROBLEM", "ID"].map(
  (name): Cell => [name, "bold"],
);
const numberColumns = [2];

const callbackRow = (callback: PendingCallback): Cell[] => [
  timeOf(callback.createdAt),
  callback.state === "dead" ? ["dead", "red"] : callback.state,
  String(callback.attempts),
  timeOf(callback.nextAt),
  callback.url,
  callback.transactionId,
  callback.lastError ?? "",
  callback.id,
];

const mostAtOnce = 1_000;

/** Lists callbacks that were not delivered yet. */
export const callbacksList: Command = {
  name: "callbacks list",
  usage: "[--dead] [--url URL] [--limit N]",
  summary: "lists callbacks that were not delivered yet, the newest first",
  details: [
    "--dead takes only those that were given up, --url only those to this URL.",
    "--limit says how many there are at most; it is 100 otherwise.",
  ],
  async run(args, { admin, print }) {
    const { values } = optionsOf(args, 0, {
      dead: { type: "boolean" },
      url: { type: "string" },
      limit: { type: "string" },
    });
    const { dead, url, limit = "100" } = values;
    const most = countOf("--limit", limit, 10_000);
    const client = admin();
    const found: PendingCallback[] = [];
    let pageToken: string | undefined;
    for (let left = most; left > 0; left -= mostAtOnce) {
      const pageSize = Math.min(left, mostAtOnce);
      const state = dead ? "dead" : undefined;
      const page = await client.listCallbacks({ state, url, pageSize, pageToken });
      found.push(...page.callbacks);
      pageToken = page.nextPageToken;
      if (pageToken === undefined) break;
    }
    const rows = [headings, ...found.map(callbackRow)];
    print(found.length === 0 ? "no callbacks" : columnLines(rows, numberColumns).join("\n"));
    return 0;
  },
};

const counted = (count: number): string => `${count} callback${count === 1 ? "" : "s"}`;

/** Sends a callback again, or all that were given up. */
export const callbacksResend: Command = {
  name: "callbacks resend",
  usage: "[ID] [--dead [--url URL]]",
  summary: "sends a callback again, or all that were given up",
  details: [
    "ID is that of callbacks list. --dead takes all that were given up, with --url only those to this URL.",
    "They are sent at once, and have all their tries before them again. A receiver may get one twice, with",
    "the same webhook-id.",
  ],
  async run(args, { admin, print }) {
    const isAll = args.includes("--dead");
    const { words, values } = optionsOf(args, isAll ? 0 : 1, {
      dead: { type: "boolean" },
      url: { type: "string" },
    });
    const { url } = values;
    if (isAll) {
      const { resent } = await admin().resendCallbacks({ url });
      print(`${counted(resent)} will be sent now`);
      return 0;
    }
    if (url !== undefined) throw new UsageFault("--url goes with --dead");
    const [id = ""] = words;
    await admin().resendCallback({ id });
    print(`${id} will be sent now`);
    return 0;
  },
};

/** Makes a new signing secret and prints it. */
export const callbacksSecret: Command = {
  name: "callbacks secret",
  usage: "URL",
  summary: "makes a new signing secret for a callback, and prints it",
  details: [
    "It is printed this once. Callbacks are signed with the former one as well, so that the receiver may",
    "change over when it likes, until the secret changes again. A set-up file that has a signing_secret",
    "puts that one back when it is applied, and the printed one then stays good beside it.",
  ],
  async run(args, { admin, print }) {
    const [url = ""] = exactly(args, 1);
    const { signingSecret } = await admin().rotateCallbackSecret({ url });
    print(signingSecret);
    return 0;
  },
};
