// The demo: a server, a portal, phones and an API in one process tree, and a walk through it all.
import { once } from "node:events";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readable } from "./log_lines.ts";
import { discoveryUrl } from "./metadata.ts";
import type { Scene } from "./scene.ts";
import { openScene } from "./scene.ts";
import type { ServerLog } from "./server_process.ts";
import { NotServing } from "./server_process.ts";
import type { Stage } from "./stage.ts";
import { openStage, StepFailed } from "./stage.ts";
import { walk } from "./walk.ts";

const usage = `Usage: npm run demo -- [--once] [--setup FILE]

  --once        end after the walk, without pages; the exit code is 0 only if every step worked
  --setup FILE  set-up file to use, with its folder "scripts" beside it
                (default: clients/demo/setup.yaml)
`;

const logLinesShown = 10;

const options = {
  once: { type: "boolean", default: false },
  setup: { type: "string", default: join(import.meta.dirname, "setup.yaml") },
  help: { type: "boolean", default: false },
} as const;

/** Shows what there is to look at while the demo stays up. */
function showUrls(stage: Stage, { cast, phoneSite, server, adminSecret }: Scene): void {
  const { issuer, adminUrl, grpc, log } = server;
  stage.section("It stays up until Ctrl-C");
  stage.fact("Portal page", cast.portal.url);
  stage.fact("Phone page", phoneSite?.url ?? "");
  stage.fact("Issuer", issuer);
  stage.fact("Discovery", discoveryUrl(issuer));
  stage.fact("Health", `${adminUrl}/health`);
  stage.fact("gRPC", grpc);
  stage.fact("Log", log.file);
  stage.title(
    "Try it yourself",
    "Open both pages side by side, and register the phone at the portal.",
  );
  stage.title("Look further");
  stage.text(
    `curl -s ${discoveryUrl(issuer)}`,
    `tail -f ${log.file}`,
    `GATEWRIGHT_ADMIN_URL=${adminUrl} \\`,
    `GATEWRIGHT_ADMIN_SECRET=${adminSecret} npx gatewright export`,
    "",
    "Change a script in clients/demo/scripts and run the demo again.",
  );
}

function showLog(stage: Stage, log: ServerLog): void {
  const lines = log.last(logLinesShown).map(readable);
  stage.listing("The last lines of the server's log", lines);
  stage.text("");
}

/**
 * Plays the demo and gives its exit code. A failed step is shown. Throws NotServing, and Stopped
 * when the signal comes before the end of the walk.
 */
async function play(stage: Stage, signal: AbortSignal, setup: string, isOnce: boolean) {
  stage.title(
    "Gatewright: a phone is registered by QR code, and its user logs in",
    "A portal, phones and an API talk to a real server over HTTP, and every answer is checked. " +
      "Paths without an address are the token server's.",
  );
  await using scene = await openScene(stage, setup, isOnce);
  const { cast, server } = scene;
  const began = performance.now();
  try {
    await walk(cast);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    showLog(stage, server.log);
    return 1;
  }
  const { steps, exchanges } = stage.count();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  stage.section("Done");
  stage.text(`✔ ${steps} steps and ${exchanges} requests went as they should, in ${seconds} s.`);
  if (isOnce) {
    stage.text("");
    return 0;
  }
  showUrls(stage, scene);
  if (!signal.aborted) await Promise.race([once(signal, "abort"), server.ended]);
  if (signal.aborted) return 0;
  showLog(stage, server.log);
  return 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => stop.abort());
  }
  // A reader that is gone, such as a pager, has seen enough as well.
  process.stdout.on("error", () => stop.abort());
  const stage = openStage(process.stdout, stop.signal);
  const code = await play(stage, stop.signal, resolve(values.setup), values.once).catch(
    (error: unknown) => {
      if (stop.signal.aborted) return 130;
      if (!(error instanceof NotServing)) throw error;
      stage.title(`The demo cannot start: ${error.message}.`);
      showLog(stage, error.log);
      return 1;
    },
  );
  if (stop.signal.aborted) {
    stage.title("Stopped: the server is drained and its folder removed.");
  }
  return code;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`\ndemo: ${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}
