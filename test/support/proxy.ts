// A TCP proxy in front of a store, which tests cut, silence and mend.
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** The proxy. */
export interface TcpProxy extends AsyncDisposable {
  /** `host:port` at which the store is reached through it. */
  readonly address: string;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  /** Keeps every connection and takes new ones, but passes nothing on. */
  silence(): void;
  /** Passes everything on again; connections that it silenced are ended. */
  mend(): void;
}

type Mood = "open" | "cut" | "silent";

/**
 * Starts a proxy on a free port to `host:port`. Whatever a caller sends reaches the store as soon
 * as `hold`, which is shown it, lets it, and in the order in which it was sent.
 */
export async function startProxy(
  target: string,
  hold: (sent: Buffer) => Promise<void> = async () => {},
): Promise<TcpProxy> {
  const [host = "", port] = target.split(":");
  const sockets = new Set<Socket>();
  let mood: Mood = "open";
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    return socket;
  };
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((caller) => {
    keep(caller);
    if (mood === "cut") return void caller.destroy();
    if (mood === "silent") return;
    const store = keep(connect({ host, port: Number(port) }));
    const pass = (from: Socket, to: Socket, until?: typeof hold): void => {
      let earlier = Promise.resolve();
      const write = (chunk: Buffer): void => {
        if (mood === "open" && !to.destroyed) to.write(chunk);
      };
      from.on("data", (chunk: Buffer) => {
        if (!until) return write(chunk);
        const held = until(chunk);
        earlier = earlier.then(() => held).then(() => write(chunk));
      });
      from.on("close", () => to.destroy());
    };
    pass(caller, store, hold);
    pass(store, caller);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      mood = "cut";
      endAll();
    },
    silence() {
      mood = "silent";
    },
    mend() {
      if (mood === "silent") endAll();
      mood = "open";
    },
    async [Symbol.asyncDispose]() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
