// The command `rotate-keys`: tokens are signed with a new key.
import type { Command } from "./command.ts";
import { exactly } from "./command.ts";

/** Makes a new signing key, and says from when it signs. */
export const rotateKeys: Command = {
  name: "rotate-keys",
  usage: "",
  summary: "makes a new signing key",
  details: [
    "It is published at once and signs later, when everybody who verifies tokens knows it.",
  ],
  async run(args, { admin, print }) {
    exactly(args, 0);
    const { kid, activeFrom } = await admin().rotateKeys({});
    print(`new signing key ${kid}, which signs from ${new Date(activeFrom * 1000).toISOString()}`);
    return 0;
  },
};
