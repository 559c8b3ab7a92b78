// What a script's status means.

/** The bands of a script's status. */
export type Outcome = "success" | "retry" | "unrecoverable";

const bands: readonly { outcome: Outcome; from: number; to: number }[] = [
  { outcome: "success", from: 2000, to: 2999 },
  { outcome: "retry", from: 4000, to: 4999 },
  { outcome: "unrecoverable", from: 5000, to: 5999 },
];

/**
 * Gives the outcome of a status, or undefined when it is of no band: then the script failed.
 * Source: Custom Registration v2, Extension Engine status codes; SEC-35.
 */
export const outcomeOf = (status: number): Outcome | undefined =>
  Number.isInteger(status)
    ? bands.find((band) => status >= band.from && status <= band.to)?.outcome
    : undefined;
