// The chain of events: what ties each to the one before, and signed statements of where it ends.
import { Buffer } from "node:buffer";
import type { KeyObject } from "node:crypto";
import { createHmac, timingSafeEqual } from "node:crypto";

/** The two ends of the chain: the last event, and the last that was removed. 0 and "" for none. */
export interface Ends {
  readonly lastSeq: number;
  readonly lastMac: string;
  readonly removedSeq: number;
  readonly removedMac: string;
}

/** What a checkpoint says: that at an instant the chain ended with this event. */
export interface Checkpoint {
  readonly seq: number;
  readonly at: number;
  readonly mac: string;
}

/** Makes what proves the chain. Everything is synchronous and depends on its arguments alone. */
export interface AuditChain {
  /** Gives the MAC of an event from the MAC of the one before, "" for the first. */
  mac(previousMac: string, seq: number, body: string): string;
  /** Gives the seal of the chain's ends. */
  seal(ends: Ends): string;
  /** Gives a checkpoint as text without blanks, shorter than 200 characters. */
  writeCheckpoint(checkpoint: Checkpoint): string;
  /** Reads a checkpoint; undefined for a text that this key did not sign. */
  readCheckpoint(text: string): Checkpoint | undefined;
}

const checkpointForm = /^(gw1\.(\d{1,16})\.(\d{1,16})\.([\w-]{0,43}))\.([\w-]{43})$/;

/**
 * Makes the chain's proofs under one key: HMAC-SHA-256 in base64url over the JSON text of a list that
 * begins with what it is for, so that no proof can stand for another. Source: SEC-77.
 */
export function auditChain(key: KeyObject): AuditChain {
  const prove = (...parts: readonly (string | number)[]): string =>
    createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64url");
  return {
    mac: (previousMac, seq, body) => prove("event", previousMac, seq, body),
    seal: ({ lastSeq, lastMac, removedSeq, removedMac }) =>
      prove("ends", lastSeq, lastMac, removedSeq, removedMac),
    writeCheckpoint({ seq, at, mac }) {
      const text = `gw1.${seq}.${at}.${mac}`;
      return `${text}.${prove("checkpoint", text)}`;
    },
    readCheckpoint(text) {
      const match = checkpointForm.exec(text);
      if (!match) return undefined;
      const [, said = "", seq, at, mac = "", proof = ""] = match;
      const right = Buffer.from(prove("checkpoint", said));
      if (!timingSafeEqual(right, Buffer.from(proof))) return undefined;
      return { seq: Number(seq), at: Number(at), mac };
    },
  };
}
