// Runs static checks, two at a time, and prints how each ended.
import type { Check, Verdict } from "./check.ts";
import type { Tally } from "./tally.ts";

const indented = (text: string): string => text.replace(/^/gm, "      ");

const page: {
  [K in Verdict["kind"]]: (verdict: Extract<Verdict, { kind: K }>) => [string, string];
} = {
  passed: ({ notes = [] }) => ["✔", notes.map((note) => `\n${indented(`note: ${note}`)}`).join("")],
  failed: ({ output }) => ["✖", `\n${indented(output)}`],
  skipped: ({ reason }) => ["-", `\n${indented(`skipped: ${reason}`)}`],
};

/**
 * Runs the checks against the tree at `root` and prints, in the order of the table, one line each with
 * its time, and what it found. A check that throws has failed.
 */
export async function runChecks(
  checks: readonly Check[],
  root: string,
  print: (text: string) => void,
): Promise<Tally> {
  const timed = async (check: Check): Promise<{ verdict: Verdict; seconds: number }> => {
    const start = performance.now();
    const verdict = await check
      .run(root)
      .catch((error: unknown): Verdict => ({ kind: "failed", output: String(error) }));
    return { verdict, seconds: (performance.now() - start) / 1000 };
  };
  const ends = checks.map(() => Promise.withResolvers<Awaited<ReturnType<typeof timed>>>());
  const queue = checks.entries();
  const workers = [1, 2].map(async () => {
    for (const [index, check] of queue) ends[index]?.resolve(await timed(check));
  });
  let passed = 0;
  const failed: string[] = [];
  const skipped: string[] = [];
  for (const [index, check] of checks.entries()) {
    const { verdict, seconds } = await ends[index]!.promise;
    const [mark, body] = page[verdict.kind](verdict as never);
    print(`    ${mark} ${check.name} (${seconds.toFixed(1)} s)${body}`);
    if (verdict.kind === "passed") passed += 1;
    if (verdict.kind === "failed") failed.push(check.name);
    if (verdict.kind === "skipped") skipped.push(`${check.name}: ${verdict.reason}`);
  }
  await Promise.all(workers);
  return { passed, failed, skipped };
}
