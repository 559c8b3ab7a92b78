// Executions as the engine would have them end.
import { uuid } from "../../../server/core/id.ts";
import type { Ended } from "../../../server/flows/executions/record.ts";

/** Gives an execution that ended well, with what a test changes of it. */
export const endedRun = (changes: Partial<Ended["run"]> = {}, slot = "a/b/c"): Ended => ({
  slot,
  script: { name: "c.js", version: 2, source: "", sha256: "" },
  run: {
    executionId: uuid(),
    startedAt: 1_800_000_000_000,
    durationMs: 2,
    cpuMs: 1,
    log: [],
    hostCalls: [],
    outcome: { kind: "returned", status: 2000 },
    ...changes,
  },
});
