// The commands `phone ...` about what portals ask.
import { styleText } from "node:util";
import type { ConfirmationChallenge, MobileAuthRequest } from "../../sdk/types.ts";
import type { Command } from "../command.ts";
import { UsageFault } from "../command.ts";
import { optionsOf } from "../options.ts";
import { printable } from "../printable.ts";
import type { Phone } from "./phone.ts";
import { loggedIn, phoneDetails, phoneOptions, phoneUsage, withPhone } from "./phone.ts";
import { scanned } from "./scan.ts";

const profile = { profile: { type: "string" } } as const;
const codeDetail = "CODE is a one-time password of a portal, or a .png file with its QR code.";
const profileDetail = "--profile says who is asked; it may be left out where there is one user.";

/** Enrols a user. */
export const phoneEnrol: Command = {
  name: "phone enrol",
  usage: `[PROFILE] ${phoneUsage}`,
  summary: "enrols a user for mobile authentication",
  details: phoneDetails,
  async run(args, world) {
    const { words, values } = optionsOf(args, [0, 1], phoneOptions);
    return withPhone(values, world, (phone) =>
      loggedIn(phone, words[0], async ({ profileId }) => {
        await phone.client.enrollForMobileAuth();
        phone.print(`${profileId} is enrolled for mobile authentication`);
        return 0;
      }),
    );
  },
};

const requestLines = ({ type, message, transactionId }: MobileAuthRequest): string =>
  [
    `${styleText("bold", printable(type))} ${styleText("dim", printable(transactionId))}`,
    ...printable(message)
      .split("\n")
      .map((line) => `  ${line}`),
  ].join("\n");

const yes = /^\s*y(es)?\s*$/i;

/** Shows what is asked, and answers, or asks the user. */
const answering =
  ({ print, questions }: Phone, answer: boolean | undefined) =>
  async (challenge: ConfirmationChallenge): Promise<void> => {
    print(requestLines(challenge.request));
    if (answer !== undefined) return challenge.respond(answer);
    const typed = await questions.text("Approve? y is yes, anything else is no: ");
    if (typed === undefined) challenge.cancel();
    else challenge.respond(yes.test(typed));
  };

/** Answers a portal; asks the user what when `answer` is undefined. */
async function handle(
  phone: Phone,
  user: string | undefined,
  otp: string,
  answer: boolean | undefined,
): Promise<number> {
  const { client, print, questions } = phone;
  if (answer === undefined && !questions.isTerminal) {
    throw new UsageFault("there is no terminal to ask on; --approve or --deny answers at once");
  }
  if (!client.canHandleOtpMobileAuthRequest(otp)) {
    throw new UsageFault("what was scanned is no one-time password of a portal");
  }
  return loggedIn(phone, user, async () => {
    const onConfirmation = answering(phone, answer);
    const { isConfirmed } = await client.handleOtpMobileAuthRequest(otp, { onConfirmation });
    print(isConfirmed ? styleText("green", "approved") : styleText("yellow", "denied"));
    return 0;
  });
}

/** Shows what a portal asks, and asks the user. */
export const phoneScan: Command = {
  name: "phone scan",
  usage: `CODE [--approve | --deny] [--profile PROFILE] ${phoneUsage}`,
  summary: "shows what a portal asks the user, and answers",
  details: [
    codeDetail,
    "Asks on the terminal what to answer; --approve and --deny answer at once. Exits with 0 when the answer",
    "was delivered, either one.",
    profileDetail,
    ...phoneDetails,
  ],
  async run(args, world) {
    const { words, values } = optionsOf(args, 1, {
      ...phoneOptions,
      ...profile,
      approve: { type: "boolean" },
      deny: { type: "boolean" },
    });
    const { approve = false, deny = false } = values;
    if (approve && deny) throw new UsageFault("--approve and --deny exclude each other");
    const otp = await scanned(words[0] as string);
    const answer = approve || deny ? approve : undefined;
    return withPhone(values, world, (phone) => handle(phone, values.profile, otp, answer));
  },
};

const answerCommand = (name: string, isYes: boolean, summary: string): Command => ({
  name,
  usage: `CODE [--profile PROFILE] ${phoneUsage}`,
  summary,
  details: [codeDetail, profileDetail, ...phoneDetails],
  async run(args, world) {
    const { words, values } = optionsOf(args, 1, { ...phoneOptions, ...profile });
    const otp = await scanned(words[0] as string);
    return withPhone(values, world, (phone) => handle(phone, values.profile, otp, isYes));
  },
});

/** Answers a portal with yes. */
export const phoneApprove = answerCommand("phone approve", true, "answers a portal with yes");

/** Answers a portal with no. */
export const phoneDeny = answerCommand("phone deny", false, "answers a portal with no");
