// What a command of the command line is.
import type { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import type { AuditServiceDefinition } from "../../gen/gatewright/v1/audit.ts";
import type { CallbackAdminServiceDefinition } from "../../gen/gatewright/v1/callback.ts";
import type { ScriptAdminServiceDefinition } from "../../gen/gatewright/v1/script_admin.ts";
import type { Client } from "../client.ts";

/** The administration of a server: the methods of its administrative services. */
export type Administration = Client<AdminServiceDefinition> &
  Client<ScriptAdminServiceDefinition> &
  Client<AuditServiceDefinition> &
  Client<CallbackAdminServiceDefinition>;

/** What a command may touch. */
export interface World {
  /** The administration of the server; throws when the environment does not say how to reach it. */
  admin(): Administration;
  /** Prints a line, or several, on stdout. */
  print(text: string): void;
  /** Tells a person something that is no part of the output, on stderr. */
  note(text: string): void;
  /** Variables of the environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The commands that there are. */
  readonly commands: readonly Command[];
}

/** A command: `npx gatewright NAME ARGUMENTS`. */
export interface Command {
  /** One word, or two with a space between them. */
  readonly name: string;
  /** Its arguments as its usage shows them. */
  readonly usage: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What else there is to know, a line each. */
  readonly details?: readonly string[];
  /** Does it and gives the exit code. Throws `UsageFault`, `SettingFault`,
   * `SetupFault`, `CallError` or `SdkError`. */
  run(args: readonly string[], world: World): Promise<number>;
}

/** A command that was called in a way that it is not to be called. */
export class UsageFault extends Error {}

/** A variable of the environment that is missing or wrong. */
export class SettingFault extends Error {}

/** Gives the arguments when there are just so many. */
export const exactly = (args: readonly string[], count: number): readonly string[] =>
  between(args, count, count);

/** Gives the arguments when there are from `fewest` to `most`. */
export function between(args: readonly string[], fewest: number, most: number): readonly string[] {
  if (args.length < fewest) throw new UsageFault("an argument is missing");
  if (args.length > most) throw new UsageFault("there are too many arguments");
  return args;
}
