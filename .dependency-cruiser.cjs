// The order of the rooms: who may import whom, types included. test/checks/rooms.test.ts plants a
// violation of each rule.
const forbid = (name, from, to) => ({ name, severity: "error", from, to });
const path = (...patterns) => ({ path: patterns.map((pattern) => `^${pattern}`) });
const besides = (...allowed) => ({
  path: "^(proto|gen|server|gateway|clients|test)/",
  pathNot: allowed.map((pattern) => `^${pattern}`),
});

// A room of level 1 sees core and itself; the others are strangers to it.
const levelOne = ["store", "engine", "identity", "authenticators"].map((room) =>
  forbid(
    `server-${room}`,
    path(`server/${room}/`),
    besides(`server/${room}/`, "server/core/", "proto/", "gen/"),
  ),
);

// The typed client, the fetch wire and the SDK, but for the store in a folder.
const inBrowsers = ["clients/(client|call_error|deferred|web)[.]ts$", "clients/sdk/"];
const onNode = "clients/sdk/storage/(file|file_lock|key_file|own_folder)[.]ts$";
const pages = "clients/demo/browser/";
const browsers = { ...path(...inBrowsers), pathNot: `^${onNode}` };

module.exports = {
  forbidden: [
    forbid("no-cycles", {}, { circular: true }),
    forbid("no-unresolved", {}, { couldNotResolve: true }),
    forbid("gen-reads-nobody", path("gen/"), besides("gen/")),
    // The generator is a tool that happens to live beside its input.
    forbid(
      "proto",
      { path: "^proto/", pathNot: "^proto/generate[.]ts$" },
      besides("proto/", "gen/"),
    ),
    forbid("server-core", path("server/core/"), besides("server/core/", "proto/", "gen/")),
    ...levelOne,
    forbid(
      "server-flows",
      path("server/flows/"),
      besides("server/(core|store|engine|identity|authenticators|flows)/", "proto/", "gen/"),
    ),
    forbid(
      "server-rpc",
      path("server/rpc/"),
      besides("server/(core|store|engine|identity|authenticators|flows|rpc)/", "proto/", "gen/"),
    ),
    forbid("server-main", path("server/[^/]+$"), besides("server/", "proto/", "gen/")),
    forbid(
      "gateway",
      { path: "^gateway/", pathNot: "^gateway/upstream/embedded[.]ts$" },
      besides("gateway/", "proto/", "gen/"),
    ),
    forbid(
      "gateway-embeds",
      path("gateway/upstream/embedded[.]ts$"),
      besides("gateway/", "server/", "proto/", "gen/"),
    ),
    forbid("clients", path("clients/"), besides("clients/", "proto/", "gen/")),
    // What browsers load reaches nothing of Node's, by itself or through files that do.
    forbid("browsers-core", browsers, { dependencyTypes: ["core"] }),
    forbid("pages-core", path(pages), { dependencyTypes: ["core"] }),
    forbid("pages-rooms", path(pages), besides(...inBrowsers, pages, "gen/")),
    forbid("pages-node", path(pages), path(onNode)),
    forbid("browsers-rooms", browsers, besides(...inBrowsers, "gen/")),
    forbid("browsers-node", browsers, path(onNode)),
    // The writer of openapi.json serves the generator alone, the bundler of pages the demo.
    forbid(
      "run-time-packages",
      {
        path: "^(gen|server|gateway|clients)/",
        pathNot: "^(gateway/openapi(_schema)?|clients/demo/pages/page_files)[.]ts$",
      },
      { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
