// The command `bench`: what requests cost beside the crypto floor and beside a peer, measured in
// one run. Words take the cases whose names have one of them; `--quick` takes fewer rounds.
import type { Extent } from "./measure.ts";
import { measure } from "./measure.ts";
import { machineLine, report } from "./report.ts";

const full: Extent = { starts: 3, warmUp: 2_000, requests: 400, seconds: 150, scriptSeconds: 20 };
const quick: Extent = { starts: 1, warmUp: 800, requests: 400, seconds: 32, scriptSeconds: 6 };

const args = process.argv.slice(2);
const words = args.filter((argument) => argument !== "--quick");
const wants = (name: string) => words.length === 0 || words.some((word) => name.includes(word));
try {
  console.log(`gatewright bench, ${await machineLine()}`);
  console.log(report(await measure(wants, args.includes("--quick") ? quick : full)));
} catch (error) {
  console.error(`the bench was given up: ${(error as Error).message}`);
  process.exitCode = 1;
}
