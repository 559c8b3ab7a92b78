// The methods of mobile authentication, a row each: what a start has to say, and how answers call it.
import assert from "node:assert/strict";

/** What a method may look at in a start, without empty parameters. */
export interface AskedOf {
  readonly userId?: string | undefined;
}

/** A method by which a user is asked. */
export interface MobileMethod {
  /** Its name in the set-up and in lists of types. */
  readonly name: string;
  /** Its name in the answer to a start and in results. */
  readonly shownAs: string;
  /** Whether the portal is given a one-time password to show to the phone. */
  readonly showsOneTimePassword: boolean;
  /** Says what a start lacks or has too much, in words for `detail`; undefined when it is right. */
  problem(asked: AskedOf): string | undefined;
}

const otp: MobileMethod = {
  name: "OTP",
  shownAs: "otp",
  showsOneTimePassword: true,
  problem: ({ userId }) =>
    userId === undefined
      ? undefined
      : "user_id must be left out for the method OTP, since whoever scans the one-time password is the user",
};

/** The methods. Source: product 5.1, 5.2. */
const methods: readonly MobileMethod[] = [otp];

/** Gives the row of a method by its name in the set-up. A name that is none is a fault. */
export function methodOf(name: string | undefined): MobileMethod {
  const method = methods.find((row) => row.name === name);
  assert(method, `there is no method ${name}`);
  return method;
}
