// The refusals of ScriptAdminService, method by method.
import { basic } from "../support/http.ts";
import { secrets } from "../support/usual_setup.ts";
import type { Actors, Ask } from "./doors.ts";
import type { Answered, Row } from "./refusal_answers.ts";
import { answered } from "./refusal_answers.ts";

/** A row that names its method. */
interface ScriptRow extends Row {
  readonly method: Ask["method"];
}

type Message = Ask["message"];

const asAdmin = basic("admin", secrets.admin);
const slot = { kind: "identity_providers", id: "puppet", step: "complete" };
const noSlot = { ...slot, id: "nowhere" };
const unknownId = "01900000-0000-7000-8000-000000000000";

const row = (
  name: string,
  method: Ask["method"],
  message: Message | ((actors: Actors) => Promise<Message>),
  answer: Answered,
  authorization: string | undefined = asAdmin,
): ScriptRow => ({
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
  listScripts: {},
  listScriptVersions: slot,
  getScriptVersion: { ...slot, version: 1 },
  activateScriptVersion: { ...slot, version: 1 },
  checkScript: { name: "a.js", source: "" },
  listExecutions: {},
  getExecution: { id: unknownId },
  replayExecution: { id: unknownId },
};

const strangers = Object.entries(messages).flatMap(([name, message]) => {
  const method = name as Ask["method"];
  const viewer = basic("viewer", secrets.viewer);
  return [
    row(`${method} by nobody`, method, message, answered.noAdministrator, ""),
    row(`${method} without permission`, method, message, answered.noPermission, viewer),
  ];
});

/** A row for each refusal that these methods document. */
export const scriptRefusals: readonly ScriptRow[] = [
  ...strangers,
  row("the versions of no script", "listScriptVersions", noSlot, answered.notFound),
  row("a version of no script", "getScriptVersion", { ...noSlot, version: 1 }, answered.notFound),
  row("a version that is none", "getScriptVersion", { ...slot, version: 9 }, answered.notFound),
  row(
    "the activation of no script",
    "activateScriptVersion",
    { ...noSlot, version: 1 },
    answered.notFound,
  ),
  row(
    "the activation of a version that is none",
    "activateScriptVersion",
    { ...slot, version: 9 },
    answered.notFound,
  ),
  row("versions of another kind", "listScriptVersions", { ...slot, kind: "x" }, answered.malformed),
  row("the version 0", "getScriptVersion", { ...slot, version: 0 }, answered.malformed),
  row("a page token that is none", "listExecutions", { pageToken: "AAAA" }, answered.malformed),
  row("a page of too many", "listExecutions", { pageSize: 501 }, answered.malformed),
  row("an execution that is none", "getExecution", { id: unknownId }, answered.notFound),
  row("a replay of nothing", "replayExecution", { id: unknownId }, answered.notFound),
  row(
    "a replay of what was not recorded",
    "replayExecution",
    async (actors) => ({ id: await actors.failed() }),
    answered.notRecorded,
  ),
];
