// A look at the longest files. It only notes them: length is a question, not a fault.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";

const limitLines = 300;

/** Names the files of server, gateway and clients that have grown past what one reader holds. */
export const sizes: Check = {
  name: "files fit a reader",
  async run(root) {
    const files = ["server", "gateway", "clients"].flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) => join(room, path)),
    );
    const lines = (path: string) => readFileSync(join(root, path), "utf8").split("\n").length - 1;
    const notes = files
      .map((path) => ({ path, count: lines(path) }))
      .filter(({ count }) => count > limitLines)
      .map(({ path, count }) => `${path} has ${count} lines`);
    return { kind: "passed", notes };
  },
};
