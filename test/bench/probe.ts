// Loaded into a measured process before its own program: answers what the process has spent and
// what the floor costs in it. Its own cost falls between the measured rounds.
import { isMainThread } from "node:worker_threads";

/** What is asked of a measured process. */
export type Question =
  | { readonly ask: "spent" }
  | { readonly ask: "floor"; readonly operations: number };

/** Processor time in microseconds: of all threads of a process, and of its main thread alone. */
export interface Spent {
  readonly all: number;
  readonly main: number;
}

// Worker threads load the same modules as the main thread; they answer nobody.
if (isMainThread && process.channel) {
  const { openFloor, threadMicros } = await import("./floor.ts");
  const floor = openFloor();
  const spent = (): Spent => {
    const main = threadMicros();
    const { user, system } = process.cpuUsage();
    return { all: user + system, main };
  };
  process.on("message", (question: Question) => {
    process.send?.(question.ask === "floor" ? floor(question.operations) : spent());
  });
  process.channel.unref();
  // A measured process does not outlive a bench that died.
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
}
