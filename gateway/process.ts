// One process of Gatewright: which listeners it has, how it starts, and how it ends.
import type { Settings } from "../gen/gatewright/v1/settings.ts";
import type { Tls } from "../proto/settings.ts";
import {
  checkTogether,
  readSettings,
  readTls,
  SettingFault,
  splitList,
} from "../proto/settings.ts";
import { readSetupFile, SetupFault } from "../proto/setup_file.ts";
import { withPlaces } from "../proto/setup_places.ts";
import { longestWaitMs } from "./bounds.ts";
import type { Listening } from "./listener.ts";
import { listen } from "./listener.ts";
import type { Handler } from "./requests.ts";
import type { Upstream } from "./upstream/upstream.ts";

/** What a process serves. */
interface Role {
  readonly http: boolean;
  readonly admin: boolean;
  readonly grpc: boolean;
}

const roles: Readonly<Record<string, Role>> = {
  start: { http: true, admin: true, grpc: true },
  server: { http: false, admin: true, grpc: true },
  gateway: { http: true, admin: false, grpc: false },
};

/** Variables of our prefix that only the command line reads. */
const othersVariables = ["GATEWRIGHT_ADMIN_URL", "GATEWRIGHT_ADMIN_SECRET"];
const graceMs = 10_000;

/** Starts the process of a role, prints one line when it is ready, and drains it on SIGTERM or SIGINT. */
export async function run(word: string): Promise<void> {
  const role = roles[word];
  if (!role) throw new Error(`there is no role ${word}`);
  try {
    await using running = await open(role);
    process.stdout.write(`gatewright listening ${running.addresses.join(" ")}\n`);
    // The same wish may come more than once: from npm, a shell and a launcher.
    await new Promise((resolve) => process.on("SIGTERM", resolve).on("SIGINT", resolve));
  } catch (error) {
    // What a person wrote wrong is said in full; anything else has a message, and a stack for whoever debugs.
    const isTheirs = error instanceof SettingFault || error instanceof SetupFault;
    const { message, stack } = error as Error;
    const isDebugging = process.env.GATEWRIGHT_LOG_LEVEL === "debug";
    process.stderr.write(
      isTheirs ? `${message}\n` : `gatewright cannot start: ${isDebugging ? stack : message}\n`,
    );
    process.exitCode = 1;
  }
}

type FaultLog = (event: string, facts: Readonly<Record<string, unknown>>) => void;

interface Running extends AsyncDisposable {
  /** What the process serves, each as `name=host:port`. */
  readonly addresses: readonly string[];
}

/** The listeners of a process. They all stop at once: one that drains must not keep another open. */
interface Listeners {
  add(name: string, listening: { readonly address: string; close(): Promise<void> }): void;
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

function gatherListeners(): Listeners {
  const addresses: string[] = [];
  const closes: (() => Promise<void>)[] = [];
  return {
    addresses,
    add(name, listening) {
      addresses.push(`${name}=${listening.address}`);
      closes.push(() => listening.close());
    },
    close: async () => void (await Promise.all(closes.map((close) => close()))),
  };
}

const stderrFault: FaultLog = (event, { error, ...facts }) => {
  const { message, stack } = error as Error;
  const line = { time: new Date().toISOString(), level: "error", event, message, stack, ...facts };
  process.stderr.write(`${JSON.stringify(line)}\n`);
};

/** Gives the handler of a page of figures, in the form that Prometheus reads. */
const showing =
  (text: () => string): Handler =>
  (request, response) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    response.writeHead(isRead ? 200 : 405, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "cache-control": "no-store",
      ...(isRead ? {} : { allow: "GET, HEAD" }),
    });
    response.end(isRead ? text() : "");
  };

/** Gives the function that opens an HTTP listener of this process. */
const opener =
  ({ settings, tls, deadlineMs }: Reading, fault: FaultLog) =>
  (
    listener: "public" | "admin",
    address: string,
    upstream: Upstream,
    extra?: ReadonlyMap<string, Handler>,
  ): Promise<Listening> =>
    listen({
      upstream,
      listener,
      address,
      tls,
      origins: splitList(settings.origins),
      trustedProxies: splitList(settings.trustedProxies),
      deadlineMs,
      secureMessageBytes: settings.secureMessage,
      extra,
      onFault: (error, facts) => fault("gateway fault", { ...facts, error }),
      timeouts: { graceMs },
    });

/** The settings of a process, with what follows from them. */
interface Reading {
  readonly settings: Settings;
  readonly tls: Tls | undefined;
  readonly deadlineMs: number;
}

function readAll(): Reading {
  const settings = readSettings(process.env, othersVariables);
  checkTogether(settings);
  const { seconds, nanos } = settings.deadline ?? { seconds: 20n, nanos: 0 };
  return { settings, tls: readTls(settings), deadlineMs: Number(seconds) * 1000 + nanos / 1e6 };
}

async function open(role: Role): Promise<Running> {
  const reading = readAll();
  await using opened = new AsyncDisposableStack();
  const listeners = gatherListeners();
  if (role.grpc) await openServing(role, reading, listeners, opened);
  else await openEdge(reading, listeners, opened);
  const resources = opened.move();
  return {
    addresses: listeners.addresses,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Opens the gateway of a server that is elsewhere. */
async function openEdge(
  reading: Reading,
  listeners: Listeners,
  opened: AsyncDisposableStack,
): Promise<void> {
  const { settings, deadlineMs } = reading;
  const { grpcUpstream } = await import("./upstream/grpc.ts");
  const { secureMessage } = settings;
  const upstream = grpcUpstream(settings.upstream, deadlineMs + longestWaitMs, secureMessage);
  opened.defer(() => upstream.close());
  opened.defer(() => listeners.close());
  const serve = opener(reading, stderrFault);
  listeners.add("http", await serve("public", settings.http, upstream));
}

/** Opens the server in this process, and the listeners that the role has. */
async function openServing(
  role: Role,
  reading: Reading,
  listeners: Listeners,
  opened: AsyncDisposableStack,
): Promise<void> {
  const { settings, tls } = reading;
  const { embedded, openServer, listenGrpc } = await import("./upstream/embedded.ts");
  const setup = settings.setup === "" ? undefined : readSetupFile(settings.setup);
  let { issuer } = settings;
  const server = opened.use(
    await openServer({ settings, issuer: () => issuer, setup }).catch((error: unknown) => {
      // The server names objects; the person wrote a file.
      const { problems } = (error as { facts?: Record<string, string> }).facts ?? {};
      throw problems ? new SettingFault(withPlaces(settings.setup, problems)) : error;
    }),
  );
  // Said before anything else can fail: it is stored only hashed, and nobody could ask for it again.
  if (server.firstAdminSecret !== undefined) {
    const secret = `the secret (shown only now) ${server.firstAdminSecret}`;
    process.stdout.write(`first start: the administrator is "admin", ${secret}\n`);
  }
  opened.defer(() => listeners.close());
  const serve = opener(reading, (event, facts) => server.log.error(event, facts));
  const upstream = embedded(server.procedures);
  if (role.http) {
    const listening = await serve("public", settings.http, upstream);
    // A port of 0 takes a free one, and the default issuer has the real one.
    if (!process.env.GATEWRIGHT_ISSUER) issuer = issuer.replace(settings.http, listening.address);
    listeners.add("http", listening);
  }
  if (role.admin) {
    const extra = new Map([["/metrics", showing(() => server.meter.text())]]);
    listeners.add("admin", await serve("admin", settings.admin, upstream, extra));
  }
  if (settings.grpc !== "off") {
    const proxies = splitList(settings.trustedProxies);
    const options = { trustedProxies: proxies, secureMessageBytes: settings.secureMessage, tls };
    const listening = await listenGrpc(settings.grpc, server.procedures, options);
    listeners.add("grpc", { address: listening.address, close: () => listening.close(graceMs) });
  }
}
