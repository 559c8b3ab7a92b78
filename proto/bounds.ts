// How large requests and answers may be: one law for the gateway and the server, so that what the one
// lets through the other takes.

const usualBytes = 1 << 20;
const usualAnswerBytes = 4 << 20;

// A byte of a form may take three: a percent sign and two digits.
const formFactor = 3;
// A byte of JSON may take six, `\u0000`, of which base64 makes a third more.
const answerFactor = 8;

/**
 * The longest request in bytes, encoded as it arrives. `secureMessageBytes`: the setting
 * `secure_message`, which lengthens those of methods that the contract calls `large` by whatever a form
 * may make of it; all others stay at 1 MiB. Source: D-54, SEC-47, SEC-79.
 */
export const requestLimitBytes = (
  { large }: { readonly large: boolean },
  secureMessageBytes: number,
): number => usualBytes + (large ? formFactor * secureMessageBytes : 0);

/** The longest answer in bytes: it may hold such a message, encrypted and in base64. Source: D-52, D-54. */
export const answerLimitBytes = (secureMessageBytes: number): number =>
  usualAnswerBytes + answerFactor * secureMessageBytes;
