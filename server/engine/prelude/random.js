// Math.random, seeded by the host for each run (Doty-Humphrey's sfc32). It is not for secrets.
import { call } from "./bridge.js";
import { hide } from "./builtins.js";

let state;

const nextBits = () => {
  const [a, b, c, count] = state;
  const bits = (((a + b) | 0) + count) | 0;
  const turned = (c << 21) | (c >>> 11);
  state = [b ^ (b >>> 9), (c + (c << 3)) | 0, (turned + bits) | 0, (count + 1) | 0];
  return bits >>> 0;
};

/** Starts the generator from four 32-bit integers, unless loading the script has started it. */
export const seedRandom = (seed) => {
  if (state !== undefined) return;
  state = [seed[0] | 0, seed[1] | 0, seed[2] | 0, seed[3] | 0];
  for (let round = 0; round < 12; round++) nextBits();
};

// A script that draws while it is loaded asks the host, which tells that loading is not pure.
const drawRandom = () => {
  if (state === undefined) seedRandom(call("random.seed"));
  return ((nextBits() >>> 5) * 67108864 + (nextBits() >>> 6)) / 9007199254740992;
};
hide(Math, "random", drawRandom);
