// What a PIN has to be like.
import type { SdkErrorName } from "./error.ts";
import { SdkError } from "./error.ts";
import type { PinPolicy } from "./types.ts";

interface Rule {
  readonly reason: SdkErrorName;
  readonly message: string;
  isBroken(pin: string, policy: PinPolicy): boolean;
}

/** Whether the digits rise or fall evenly from the first to the last, such as 12345, 13579 and 97531. */
function isSequence(pin: string): boolean {
  const digits = Array.from(pin, Number);
  const step = digits[1]! - digits[0]!;
  return (
    step !== 0 &&
    digits.length > 2 &&
    digits.every((digit, at) => at === 0 || digit - digits[at - 1]! === step)
  );
}

/** How many times in a row a digit stands, at most. */
const longestRun = (pin: string): number =>
  Math.max(...(pin.match(/(.)\1*/g) ?? []).map(({ length }) => length));

// In the order in which they are asked. The form comes first: the others are about PINs that have it.
const rules: readonly Rule[] = [
  {
    reason: "WRONG_PIN_LENGTH",
    message: "The PIN does not have the right number of digits.",
    isBroken: (pin, { length }) => pin.length !== length || !/^[0-9]+$/.test(pin),
  },
  {
    reason: "PIN_BLACKLISTED",
    message: "The PIN is one of those that are not allowed.",
    isBroken: (pin, { blocked }) => blocked.includes(pin),
  },
  {
    reason: "PIN_IS_A_SEQUENCE",
    message: "The PIN is a sequence.",
    isBroken: (pin, { sequencesAllowed }) => !sequencesAllowed && isSequence(pin),
  },
  {
    reason: "PIN_USES_SIMILAR_DIGITS",
    message: "The PIN repeats a digit too often.",
    isBroken: (pin, { maxSimilarDigits }) =>
      maxSimilarDigits > 0 && longestRun(pin) > maxSimilarDigits,
  },
];

/**
 * Gives the first rule that a PIN breaks, undefined when it breaks none. They are asked in this order: WRONG_PIN_LENGTH
 * (also for anything but the digits 0 to 9), PIN_BLACKLISTED, PIN_IS_A_SEQUENCE, PIN_USES_SIMILAR_DIGITS. With at most
 * two similar digits 11 is allowed and 111 is not. Source: the vendor's page on PIN policies.
 */
export function brokenPinRule(pin: string, policy: PinPolicy): SdkError | undefined {
  const broken = rules.find(({ isBroken }) => isBroken(pin, policy));
  return broken && new SdkError(broken.reason, broken.message);
}
