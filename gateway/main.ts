// Starts what a word asks for: `start` (server and gateway in one process), `server`, or `gateway`.
const major = Number(process.versions.node.split(".")[0]);
if (major < 26) {
  console.error(
    `gatewright needs Node 26, this is ${process.version}: run \`npm start\`, which brings it along`,
  );
  process.exit(1);
}
const { run } = await import("./process.ts");
await run(process.argv[2] ?? "start");
