// The portal's end of callbacks, in a real HTTP server, before real requests: those of the server, and all others.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type {
  Callback,
  CallbackOptions,
  CallbackProblem,
} from "../../../clients/portal/callback_handler.ts";
import { callbackHandler } from "../../../clients/portal/callback_handler.ts";
import { callbackIdsInMemory } from "../../../clients/portal/callback_ids.ts";
import { newSigningSecret, webhookSignature } from "../../../server/identity/webhook_signature.ts";

const secret = newSigningSecret();
const content = JSON.stringify({ callback_uri: "https://portal/cb", transaction_id: "t-1" });

interface Sent {
  readonly id?: string;
  readonly body?: string;
  readonly timestamp?: number;
  readonly secret?: string;
  readonly method?: string;
}

interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly callbacks: readonly Callback[];
  readonly problems: readonly CallbackProblem[];
  /** Sends a callback as the server would and gives the status of the answer. */
  send(sent?: Sent): Promise<number>;
}

function message({ id = "msg_1", body = content, timestamp, secret: by = secret }: Sent) {
  const at = timestamp ?? Math.floor(Date.now() / 1000);
  const signature = webhookSignature([by], { id, timestamp: at, body });
  return {
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(at),
      "webhook-signature": signature,
    },
  };
}

async function receiver(
  options: Partial<CallbackOptions> = {},
  before: (request: IncomingMessage) => Promise<unknown> = async () => {},
): Promise<Receiver> {
  const callbacks: Callback[] = [];
  const problems: CallbackProblem[] = [];
  const handler = callbackHandler({
    secrets: [secret],
    onProblem: (problem) => problems.push(problem),
    ...options,
    async onCallback(callback) {
      callbacks.push(callback);
      await options.onCallback?.(callback);
    },
  });
  const server = createServer(async (request, response) => {
    await before(request);
    await handler(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/callback`;
  return {
    url,
    port,
    callbacks,
    problems,
    async send({ method = "POST", ...sent } = {}) {
      const { headers, body } = message(sent);
      return (await fetch(url, { method, headers, body })).status;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

describe("callbackHandler", () => {
  it("hands a callback over and answers 204 when that has come to its end", async () => {
    const done = Promise.withResolvers<void>();
    await using portal = await receiver({ onCallback: () => done.promise });
    let status: number | undefined;
    const answered = portal.send().then((given) => {
      status = given;
    });
    while (portal.callbacks.length === 0) await new Promise(setImmediate);
    assert.equal(status, undefined);
    done.resolve();
    await answered;
    assert.equal(status, 204);
    const { sentAt, ...callback } = portal.callbacks[0]!;
    assert.deepEqual(callback, {
      id: "msg_1",
      transactionId: "t-1",
      callbackUri: "https://portal/cb",
      isRepeated: false,
    });
    assert(sentAt instanceof Date);
    assert.deepEqual(portal.problems, []);
  });

  it("takes a callback without a framework's help, with members that are new", async () => {
    await using portal = await receiver();
    const body = JSON.stringify({ ...JSON.parse(content), more: [1] });
    assert.equal(await portal.send({ body }), 204);
  });

  const forgeries: readonly (readonly [string, Sent, number, CallbackProblem])[] = [
    ["another secret", { secret: newSigningSecret() }, 401, "signature"],
    ["an old timestamp", { timestamp: 1_600_000_000 }, 401, "timestamp"],
    ["a timestamp to come", { timestamp: 9_999_999_999 }, 401, "timestamp"],
    ["an id with a dot", { id: "a.b" }, 401, "headers"],
    ["a signed body that is no JSON", { body: "transaction_id=1" }, 400, "content"],
    ["a signed body that is null", { body: "null" }, 400, "content"],
    ["a signed body without a transaction", { body: '{"callback_uri":"x"}' }, 400, "content"],
    [
      "a transaction that is a number",
      { body: '{"callback_uri":"x","transaction_id":1}' },
      400,
      "content",
    ],
    ["an empty body", { body: "" }, 400, "content"],
    ["another method", { method: "PUT" }, 405, "method"],
  ];
  for (const [name, sent, status, problem] of forgeries) {
    it(`answers ${status} to ${name} and hands nothing over`, async () => {
      await using portal = await receiver();
      assert.equal(await portal.send(sent), status);
      assert.deepEqual(portal.callbacks, []);
      assert.deepEqual(portal.problems, [problem]);
      // It goes on.
      assert.equal(await portal.send(), 204);
    });
  }

  it("answers 401 to a body that is not the signed one, and to none of the headers", async () => {
    await using portal = await receiver();
    const { headers, body } = message({});
    const changed = body.replace("t-1", "t-2");
    const post = (init: RequestInit) => fetch(portal.url, { method: "POST", ...init });
    assert.equal((await post({ headers, body: changed })).status, 401);
    assert.equal((await post({ body })).status, 401);
    assert.deepEqual(portal.callbacks, []);
    assert.deepEqual(portal.problems, ["signature", "headers"]);
  });

  it("says which methods there are", async () => {
    await using portal = await receiver();
    const answer = await fetch(portal.url);
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "POST"]);
  });

  it("reads no more than 64 KiB, whether their number is told or not", async () => {
    await using portal = await receiver();
    const fill = (length: number): string =>
      JSON.stringify({ ...JSON.parse(content), fill: "x".repeat(length) });
    const frame = fill(0).length;
    assert.equal(await portal.send({ body: fill(65_536 - frame) }), 204);
    const { headers, body } = message({ body: fill(65_537 - frame) });
    assert.equal((await fetch(portal.url, { method: "POST", headers, body })).status, 413);
    const endless = connect({ port: portal.port, host: "127.0.0.1" });
    endless.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    const more = setInterval(() => endless.write(`4000\r\n${"x".repeat(0x4000)}\r\n`), 1);
    // The server ends the connection after its answer, in whatever way that reaches this side.
    endless.on("error", () => {});
    await once(
      endless.on("data", () => {}),
      "close",
    );
    clearInterval(more);
    assert.deepEqual(portal.problems, ["size", "size"]);
    assert.equal(portal.callbacks.length, 1);
  });

  it("notices who goes away in the middle", async () => {
    const told = Promise.withResolvers<CallbackProblem>();
    await using portal = await receiver({ onProblem: told.resolve });
    const socket = connect({ port: portal.port, host: "127.0.0.1" });
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
    await once(socket, "connect");
    setImmediate(() => socket.destroy());
    assert.equal(await told.promise, "aborted");
    assert.equal(await portal.send(), 204);
  });

  it("notices who went away before it was asked", async () => {
    const told = Promise.withResolvers<CallbackProblem>();
    await using portal = await receiver({ onProblem: told.resolve }, (request) =>
      request.headers.host === "x" ? once(request, "close").catch(() => {}) : Promise.resolve(),
    );
    const socket = connect({ port: portal.port, host: "127.0.0.1" });
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
    await once(socket, "connect");
    setImmediate(() => socket.destroy());
    assert.equal(await told.promise, "aborted");
    assert.equal(await portal.send(), 204);
  });

  it("tells a repeated callback from a new one", async () => {
    await using portal = await receiver();
    for (const id of ["msg_1", "msg_2", "msg_1", "msg_1"]) {
      assert.equal(await portal.send({ id }), 204);
    }
    assert.deepEqual(
      portal.callbacks.map(({ isRepeated }) => isRepeated),
      [false, false, true, true],
    );
  });

  it("has the server try again what could not be handled, which is then not taken as repeated", async () => {
    const failures = ["rejects", "throws"];
    await using portal = await receiver({
      onCallback() {
        const failure = failures.shift();
        if (failure === "throws") throw new Error(failure);
        return failure ? Promise.reject(new Error(failure)) : Promise.resolve();
      },
    });
    assert.deepEqual(
      [await portal.send(), await portal.send(), await portal.send()],
      [500, 500, 204],
    );
    assert.deepEqual(
      portal.callbacks.map(({ isRepeated }) => isRepeated),
      [false, false, false],
    );
    const told = portal.problems.map((problem) => typeof problem === "object" && problem.failure);
    assert.deepEqual(told.map(String), ["Error: rejects", "Error: throws"]);
  });

  it("handles a callback once at a time, and answers 503 meanwhile", async () => {
    const done = Promise.withResolvers<void>();
    await using portal = await receiver({ onCallback: () => done.promise });
    const first = portal.send();
    while (portal.callbacks.length === 0) await new Promise(setImmediate);
    assert.equal(await portal.send(), 503);
    const other = portal.send({ id: "msg_2" });
    done.resolve();
    assert.deepEqual([await first, await other, await portal.send()], [204, 204, 204]);
    assert.deepEqual(portal.problems, ["busy"]);
    assert.deepEqual(
      portal.callbacks.map(({ id, isRepeated }) => [id, isRepeated]),
      [
        ["msg_1", false],
        ["msg_2", false],
        ["msg_1", true],
      ],
    );
  });

  it("answers 500 when nobody can tell whether a callback is new, and hands nothing over", async () => {
    const ids = { has: () => Promise.reject(new Error("down")), add: async () => {} };
    await using portal = await receiver({ ids });
    assert.equal(await portal.send(), 500);
    assert.deepEqual(portal.callbacks, []);
  });

  it("answers 500 where something before it has read the body", async () => {
    await using portal = await receiver({}, (request) => text(request));
    assert.equal(await portal.send(), 500);
    assert.deepEqual(portal.callbacks, []);
  });

  it("is not made with secrets that are none", () => {
    for (const secrets of [[], ["secret"], [secret, ""]]) {
      assert.throws(() => callbackHandler({ secrets, onCallback: () => {} }), TypeError);
    }
  });
});

describe("callbackIdsInMemory", () => {
  it("knows so many, the last ones", async () => {
    const ids = callbackIdsInMemory(3);
    for (const id of ["a", "b", "c", "c", "d"]) await ids.add(id);
    const known = await Promise.all(["a", "b", "c", "d"].map((id) => ids.has(id)));
    assert.deepEqual(known, [false, true, true, true]);
  });
});
