// What is said between the door of OpenPGP and its thread.
import type { CheckedKey, OpenPgpKey, OpenPgpPublicKey } from "../open_pgp.ts";

/** A piece of work, and what comes of it. */
export interface Jobs {
  readonly checkKey: { asked: { readonly armored: string }; result: CheckedKey };
  readonly generateKey: { asked: object; result: OpenPgpKey };
  readonly encrypt: {
    asked: {
      readonly text: string;
      readonly to: OpenPgpPublicKey;
      readonly from: OpenPgpKey;
    };
    /** Undefined: the key of the recipient has expired. */
    result: Uint8Array | undefined;
  };
  readonly decrypt: {
    asked: {
      readonly message: Uint8Array;
      readonly to: OpenPgpKey;
      readonly from: OpenPgpPublicKey;
    };
    result: string | undefined;
  };
}

/** The name of a kind of work. */
export type JobName = keyof Jobs;

/** Does every kind of work. */
export type Work = {
  readonly [Name in JobName]: (asked: Jobs[Name]["asked"]) => Promise<Jobs[Name]["result"]>;
};

/** What the thread is told: one piece of work, and the next only when it has answered. */
export interface Job {
  readonly name: JobName;
  readonly asked: unknown;
}

/** What the thread says: that it is warm, or what came of the piece of work. */
export type Report =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly message: string };
