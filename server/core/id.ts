// Names that cannot be guessed, and names that sort by time.
import { randomBytes, randomUUIDv7 } from "node:crypto";

/**
 * Gives `bytes` random bytes (16 by default, so 128 bits) in base64url: 22 characters by default.
 * Source: D-11, SEC-33.
 */
export const randomId = (bytes = 16): string => randomBytes(bytes).toString("base64url");

/** Gives a UUID of version 7 (RFC 9562 section 5.7): unique, and sorted by the time of its making. */
export const uuid = (): string => randomUUIDv7();
