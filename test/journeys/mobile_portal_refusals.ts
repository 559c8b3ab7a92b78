// The refusals of MobileAuthenticationService, method by method.
import { randomUUID } from "node:crypto";
import { basic } from "../support/http.ts";
import { asPortal, start } from "../support/mobile_portal.ts";
import { secrets } from "../support/usual_setup.ts";
import type { Actors, Ask } from "./doors.ts";
import type { Answered, Row } from "./refusal_answers.ts";
import { answered } from "./refusal_answers.ts";

/** A row that names its method. */
interface PortalRow extends Row {
  readonly method: Ask["method"];
}

type Message = Ask["message"];

const as = (status: number, word: string, reason: Answered["reason"], code: number): Answered => ({
  status,
  word,
  reason,
  code,
});

const said = {
  forbidden: as(403, "forbidden", "MOBILE_AUTHENTICATION_FORBIDDEN", 7),
  noType: as(404, "not_found", "MOBILE_AUTHENTICATION_TYPE_NOT_FOUND", 5),
  tooLong: as(400, "invalid_request", "MESSAGE_TOO_LONG", 3),
  unknown: as(404, "not_found", "MOBILE_AUTHENTICATION_NOT_FOUND", 5),
  open: as(404, "not_found", "MOBILE_AUTHENTICATION_NOT_ANSWERED", 9),
} as const satisfies Record<string, Answered>;

const row = (
  name: string,
  method: Ask["method"],
  message: Message | ((actors: Actors) => Promise<Message>),
  answer: Answered,
  authorization: string | undefined = asPortal().authorization,
): PortalRow => ({
  name,
  method,
  ask: async (actors) => ({
    method,
    message: typeof message === "function" ? await message(actors) : message,
    ...(authorization === "" ? {} : { authorization }),
  }),
  ...answer,
});

/** A message of each method, good but for who sends it. */
const messages: Readonly<Partial<Record<Ask["method"], Message>>> = {
  listDeviceAuthenticationTypes: { userId: "alice", deviceId: "phone" },
  listUserAuthenticationTypes: { userId: "alice" },
  startMobileAuthentication: { type: "login" },
  getMobileAuthentication: { transactionId: randomUUID() },
};

const strangers = Object.entries(messages).flatMap(([name, message]) => {
  const method = name as Ask["method"];
  const helpdesk = basic("helpdesk", secrets.helpdesk);
  return [
    row(`${method} by nobody`, method, message, answered.rejected, ""),
    row(`${method} without permission`, method, message, said.forbidden, helpdesk),
  ];
});

const begin = (name: string, message: Message, answer: Answered): PortalRow =>
  row(name, "startMobileAuthentication", message, answer);

/** Gives a transaction that nobody answers. */
const open = async ({ phone }: Actors): Promise<Message> => {
  const { id } = await start({ http: phone.issuer.replace(/\/oauth$/, "") });
  return { transactionId: id };
};

/** A row for each refusal that these methods document, and that a request provokes by itself. */
export const mobilePortalRefusals: readonly PortalRow[] = [
  ...strangers,
  begin("a start without a type", { message: "Pay?" }, answered.malformed),
  begin("a start for a user", { type: "login", userId: "alice" }, answered.malformed),
  begin("a start of a type that is not set up", { type: "sms" }, said.noType),
  begin("a start that says too much", { type: "short", message: "Thirteen char" }, said.tooLong),
  row(
    "the result of no transaction",
    "getMobileAuthentication",
    { transactionId: randomUUID() },
    said.unknown,
  ),
  row("a result before the answer", "getMobileAuthentication", open, said.open),
];
