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
    // What browsers load: the typed client and the fetch wire reach nothing of Node's.
    forbid("browsers-core", path("clients/(client|call_error|web)[.]ts$"), {
      dependencyTypes: ["core"],
    }),
    forbid(
      "browsers-rooms",
      path("clients/(client|call_error|web)[.]ts$"),
      besides("clients/(client|call_error|web)[.]ts$", "gen/"),
    ),
    // The writer of openapi.json serves the generator alone.
    forbid(
      "run-time-packages",
      { path: "^(gen|server|gateway|clients)/", pathNot: "^gateway/openapi(_schema)?[.]ts$" },
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
