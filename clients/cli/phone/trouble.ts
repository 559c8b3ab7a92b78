// How a command of the phone failed: number and name of the error, what happened, what to do about it.
import { SdkError } from "../../sdk/error.ts";
import { advice, whatHappened } from "./advice.ts";
import { infoLine } from "./answers.ts";

const causeOf = ({ cause }: Error): Error | undefined =>
  cause instanceof Error ? cause : undefined;

/** Why a server was not reached, as the system says it. */
function systemCode(error: Error): string {
  for (let one: Error | undefined = error; one; one = causeOf(one)) {
    const { code } = one as NodeJS.ErrnoException;
    if (typeof code === "string") return ` (${code})`;
  }
  return "";
}

/**
 * Gives the sentences for a person about an error of the SDK. An action that was cancelled for want of an answer failed
 * by what was wrong with the answer before, or by why there was none.
 */
export function phoneTrouble(error: SdkError): string {
  const cause = causeOf(error);
  if (error.reason === "ACTION_CANCELED" && cause) {
    return cause instanceof SdkError ? phoneTrouble(cause) : cause.message;
  }
  const { code, reason, remainingAttempts: tries, info } = error;
  const left = tries === undefined ? "" : ` ${tries} ${tries === 1 ? "try is" : "tries are"} left.`;
  const said = infoLine(info);
  return [
    `error ${code}, ${reason}: ${whatHappened(error)}${systemCode(error)}${left}`,
    ...(said === "" ? [] : [`  ${said}`]),
    `  ${advice[reason]}`,
  ].join("\n");
}
