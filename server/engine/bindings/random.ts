// Randomness from the host: identifiers, secret bytes and the seed of Math.random.
import { randomBytes, randomFillSync, randomUUID } from "node:crypto";
import { answer, type Binding, illegalArgument } from "../world.ts";

const bytesLimit = 64 * 1024;

/** Four random 32-bit integers, with which the guest seeds Math.random. */
export const randomSeed = (): number[] => [...randomFillSync(new Int32Array(4))];

/** The operations behind java.util.UUID, SecureRandom and Math.random. Source: D-27, SEC-74. */
export const randomBinding: Binding = {
  name: "java.util.UUID",
  operations: {
    "random.uuid": () => answer(randomUUID()),
    "random.seed": () => answer(randomSeed()),
    "random.bytes": ([count]) =>
      typeof count === "number" && count >= 0 && count <= bytesLimit
        ? answer(randomBytes(Math.trunc(count)).toString("base64"))
        : illegalArgument(`random bytes are had up to ${bytesLimit} at a time`),
  },
};
