// What went wrong, where, and what to do about it.
import { SetupFault } from "../../proto/setup_file.ts";
import { withPlaces } from "../../proto/setup_places.ts";
import { CallError, codeOf } from "../call_error.ts";
import { SdkError } from "../sdk/error.ts";
import { SettingFault, UsageFault } from "./command.ts";
import { phoneTrouble } from "./phone/trouble.ts";

type Explain = (error: CallError, url: string) => string;

const rejected: Explain = (_, url) =>
  `the server at ${url} does not accept GATEWRIGHT_ADMIN_SECRET as the secret of the API client admin`;

// By reason where the server gave one, or else by code.
const explained: Readonly<Record<string | number, Explain>> = {
  ADMIN_CREDENTIALS_REJECTED: rejected,
  OBJECT_NOT_FOUND: (_, url) => `the server at ${url} has nothing of that name`,
  EXECUTION_NOT_RECORDED: () =>
    "the execution was not recorded, or was too large for it; executions are recorded while the " +
    "server runs with GATEWRIGHT_RECORDING=on",
  [codeOf("unauthenticated")]: rejected,
  [codeOf("unimplemented")]: (_, url) =>
    `${url} is no admin listener of Gatewright; GATEWRIGHT_ADMIN_URL takes its address`,
  [codeOf("unavailable")]: ({ cause }, url) => {
    const inner = (cause as Error | undefined)?.cause as NodeJS.ErrnoException | undefined;
    const why = inner ? ` (${inner.code ?? inner.message})` : "";
    return `cannot reach ${url}${why}; is the server running there? GATEWRIGHT_ADMIN_URL says where it is`;
  },
};

/**
 * Gives the sentences for a person whose command failed, without a stack: undefined for a fault of ours,
 * which deserves one. `url` is where the admin listener was looked for, `file` the set-up file, if any.
 */
export function troubleOf(
  error: unknown,
  url: string,
  file: string | undefined,
): string | undefined {
  const plain = [SetupFault, UsageFault, SettingFault].some((fault) => error instanceof fault);
  if (plain) return (error as Error).message;
  if (error instanceof SdkError) return phoneTrouble(error);
  if (!(error instanceof CallError)) return undefined;
  if (error.facts.problems) {
    const { problems } = error.facts;
    const placed = file === undefined ? problems : withPlaces(file, problems);
    return `nothing was applied, since it is not valid:\n${placed}`;
  }
  const explain = explained[error.reason ?? error.code];
  return explain ? explain(error, url) : error.message;
}
