// The door of OpenPGP: lets work wait within bounds, and has the thread do it piece by piece.
import { Buffer } from "node:buffer";
import { Refusal } from "../../core/refusal.ts";
import type { OpenPgp } from "../open_pgp.ts";
import { turnstile } from "../turnstile.ts";
import type { JobName, Jobs } from "./job.ts";
import { openSeat, type Seat } from "./seat.ts";

/** Bounds of OpenPGP. */
export interface OpenPgpLimits {
  /** How many pieces of work may wait for the thread, of all and of one owner, and how many bytes of theirs. */
  readonly waiting: number;
  readonly waitingPerOwner: number;
  readonly waitingBytes: number;
  /** How long the thread may take to start, and for one piece of work. */
  readonly startMs: number;
  readonly jobMs: number;
}

const usualLimits: OpenPgpLimits = {
  waiting: 256,
  waitingPerOwner: 16,
  waitingBytes: 32 * 1024 * 1024,
  startMs: 30_000,
  jobMs: 5_000,
};

const threadFile = new URL("./thread.ts", import.meta.url);

/** OpenPGP as the composition root sees it. */
export interface OpenedOpenPgp extends OpenPgp {
  /** Starts the thread ahead of the first piece of work, in the background. */
  warm(): void;
}

/**
 * Opens OpenPGP. Its thread starts with the first piece of work, since not every server has any, or with
 * `warm`. One piece of work is in the thread at a time, so that one which kills it or gets stuck takes no
 * other with it; the next one starts it anew. Disposing ends what is under way. Source: SEC-48 to SEC-50,
 * SEC-75.
 */
export function openOpenPgp(
  limits: OpenPgpLimits = usualLimits,
  thread: URL = threadFile,
): OpenedOpenPgp {
  const { waiting, waitingPerOwner: waitingPerLane } = limits;
  const turns = turnstile({ running: 1, waiting, waitingPerLane });
  let seat: Seat | undefined;
  let bytesHere = 0;
  let closed = false;

  const present = (): Seat => {
    if (closed) throw new Refusal("UNAVAILABLE");
    if (seat === undefined || seat.ended()) seat = openSeat(thread, limits);
    return seat;
  };

  const perform = <Name extends JobName>(name: Name, asked: Jobs[Name]["asked"], owner = "") =>
    turns.pass(owner, async (): Promise<Jobs[Name]["result"]> => present().perform(name, asked));

  /** Has work done that brings this many bytes, which wait in memory until its turn. */
  const within = async <Result>(bytes: number, task: () => Promise<Result>): Promise<Result> => {
    if (bytesHere > 0 && bytesHere + bytes > limits.waitingBytes) {
      throw new Refusal("RATE_LIMITED", { retry_after: "1" });
    }
    bytesHere += bytes;
    try {
      return await task();
    } finally {
      bytesHere -= bytes;
    }
  };

  return {
    warm: () => void present(),
    checkKey: (armored, owner) =>
      within(Buffer.byteLength(armored), () => perform("checkKey", { armored }, owner)),
    generateKey: () => perform("generateKey", {}),
    async encrypt(text, to, from, owner) {
      const asked = { text, to, from };
      const message = await within(Buffer.byteLength(text), () => perform("encrypt", asked, owner));
      if (message) return message;
      const detail = "the enrolled key has expired: enrol one that is valid";
      throw new Refusal("KEY_INVALID", { detail });
    },
    decrypt: (message, to, from, owner) =>
      within(message.length, () => perform("decrypt", { message, to, from }, owner)),
    async [Symbol.asyncDispose]() {
      closed = true;
      await seat?.end();
    },
  };
}
