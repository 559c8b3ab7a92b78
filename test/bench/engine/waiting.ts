// P-6: many scripts that wait for HTTP at once, in one worker of a process of its own.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

/** Runs that wait at the same time, and how often as many are run. */
export const atOnce = 200;
export const waves = 20;

/** How long each of them is made to wait. */
export const waitMs = 100;

/** What came of it. */
export interface Waiting {
  /** Runs per second; no more than `atOnce` / `waitMs` are possible. */
  readonly perSecond: number;
  /** Resident memory for each run that waits. */
  readonly bytes: number;
}

const program = fileURLToPath(new URL("./waiting_program.ts", import.meta.url));

/** Measures it. Rejects when a run fails or the process does. */
export async function measureWaiting(): Promise<Waiting> {
  const receiver = createServer((_, response) => {
    setTimeout(() => response.end("done"), waitMs);
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  try {
    const { port } = receiver.address() as AddressInfo;
    const child = fork(program, [`http://127.0.0.1:${port}`]);
    const failed = once(child, "exit").then(([code]) => {
      throw new Error(`the scripts that wait ended with ${code}`);
    });
    const [waiting] = await Promise.race([once(child, "message"), failed]);
    failed.catch(() => undefined);
    return waiting as Waiting;
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
}
