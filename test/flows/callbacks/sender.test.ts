// Callbacks reach real receivers, however those behave, with a real outbox in between.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { milliseconds } from "../../../server/core/clock.ts";
import { openCallbackSender } from "../../../server/flows/callbacks/sender.ts";
import type { Callback } from "../../../server/store/callbacks.ts";
import type { Received, Receiver } from "../../engine/support/receiver.ts";
import { startReceiver } from "../../engine/support/receiver.ts";
import type { SenderWorld } from "./sender_world.ts";
import { configurationOf, secret, senderWorld, until } from "./sender_world.ts";

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString("base64")}`;
const isEmpty = (outbox: readonly Callback[]): boolean => outbox.length === 0;
const haveFailed = (outbox: readonly Callback[]): boolean =>
  outbox.every((one) => one.lastError !== null);

/** Gives what the official library reads of a request under a secret; it throws when that is not right. */
const read = ({ body, headers }: Received, under = secret): unknown =>
  new Webhook(under).verify(body, headers as Record<string, string>);

describe("the sender of callbacks", function () {
  this.timeout(60_000);
  let place: SenderWorld;
  let receiver: Receiver;
  let answer: (request: Received, response: ServerResponse) => void;
  let url: string;
  beforeEach(async () => {
    answer = (_, response) => void response.writeHead(204).end();
    receiver = await startReceiver((request, response) => answer(request, response));
    url = `${receiver.origin}/callback?from=gatewright`;
    place = await senderWorld();
    place.setUp({ [url]: {} });
  });
  afterEach(async () => {
    // First, so that nobody waits for a receiver that never answers.
    await receiver?.[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
  });
  const answering =
    (status: number, headers: Record<string, string> = {}, body = "") =>
    (_: Received, response: ServerResponse) =>
      void response.writeHead(status, headers).end(body);
  const types = () => place.events.map(({ type }) => type.replace("PUSH_AUTH_CALLBACK_", ""));

  it("tells a receiver which transaction ended, signed, and forgets it then (D-56)", async () => {
    const [callback] = await place.put(url);
    assert(callback);
    await place.settled(isEmpty);
    const [request, ...others] = receiver.received;
    assert(request);
    assert.deepEqual(others, []);
    assert.deepEqual([request.method, request.path], ["POST", "/callback?from=gatewright"]);
    const { headers, body } = request;
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers["webhook-id"], callback.id);
    assert.match(callback.id, /^msg_[\w-]{22}$/);
    assert.equal(headers.authorization, undefined);
    // Nothing of who answered, nor how (SEC-63).
    const { transactionId } = callback;
    assert.deepEqual(JSON.parse(body), { callback_uri: url, transaction_id: transactionId });
    assert.deepEqual(read(request), JSON.parse(body));
    const details = { callback_id: callback.id, url, attempt: 1 };
    assert.deepEqual(place.events, [{ type: "PUSH_AUTH_CALLBACK_SENT", transactionId, details }]);
  });

  it("authenticates where a user is set up", async () => {
    place.setUp({ [url]: { user: "gatewright", password: "pässword:1" } });
    await place.put(url);
    await place.settled(isEmpty);
    const [request] = receiver.received;
    const pair = Buffer.from("gatewright:pässword:1").toString("base64");
    assert.equal(request?.headers.authorization, `Basic ${pair}`);
  });

  it("signs with the former secret as well, until that is ended (SEC-62)", async () => {
    const [former, present] = [secretOf(1), secretOf(2)];
    place.setUp({ [url]: { signing_secret: present, previous_signing_secret: former } });
    await place.put(url);
    await place.settled(isEmpty);
    place.setUp({ [url]: { signing_secret: present, previous_signing_secret: "" } });
    await place.put(url);
    await place.settled(isEmpty);
    const [during, later] = receiver.received;
    assert(during && later);
    for (const one of [former, present])
      assert.deepEqual(read(during, one), JSON.parse(during.body));
    assert.deepEqual(read(later, present), JSON.parse(later.body));
    assert.throws(() => read(later, former), /No matching/);
  });

  for (const status of [200, 201, 204, 299]) {
    it(`takes ${status} for a delivery`, async () => {
      answer = answering(status, {}, status === 204 ? "" : '{"error":"of no interest"}');
      await place.put(url);
      await place.settled(isEmpty);
      assert.deepEqual(types(), ["SENT"]);
    });
  }

  for (const status of [300, 400, 401, 404, 409, 429, 500, 503]) {
    it(`tries again after ${status}`, async () => {
      answer = answering(status);
      const before = place.world.clock.now();
      await place.put(url);
      const [callback] = await place.settled(haveFailed);
      assert.equal(callback?.state, "waiting");
      assert.equal(callback.lastError, `the answer has status ${status}`);
      assert(callback.nextAt !== null && callback.nextAt >= before + 4_000);
      assert.deepEqual(types(), ["FAILED"]);
      assert.equal(receiver.received.length, 1);
    });
  }

  it("follows no redirect (SEC-59)", async () => {
    await using elsewhere = await startReceiver();
    for (const status of [301, 302, 303, 307, 308]) {
      answer = answering(status, { location: `${elsewhere.origin}/` });
      await place.put(url);
    }
    // The other receiver is one that it may reach.
    place.setUp({ [url]: {}, [`${elsewhere.origin}/`]: {} });
    await place.settled((all) => all.length === 5 && haveFailed(all));
    assert.deepEqual(elsewhere.received, []);
  });

  it("gives up at once where the answer is 410, until it is resent (SEC-61)", async () => {
    answer = answering(410);
    const [put] = await place.put(url);
    assert(put);
    const [callback] = await place.settled(haveFailed);
    assert.deepEqual([callback?.state, callback?.nextAt], ["dead", null]);
    assert(place.log.some((line) => line.includes("callback given up")));
    place.later(1_000_000);
    answer = answering(204);
    assert.deepEqual((await place.outbox()).length, 1);
    assert(await place.store.callbacks.resend(put.id, place.world.clock.now()));
    place.sender.wake();
    await place.settled(isEmpty);
    assert.equal(receiver.received.length, 2);
  });

  it("delivers after failures, each try with the same id and body and a time of its own", async () => {
    answer = answering(500);
    await place.put(url);
    await place.settled(haveFailed);
    answer = answering(204);
    place.later(7);
    await place.settled(isEmpty);
    assert.deepEqual(types(), ["FAILED", "SENT"]);
    const [first, second] = receiver.received;
    assert(first && second);
    assert.equal(first.body, second.body);
    assert.equal(first.headers["webhook-id"], second.headers["webhook-id"]);
    assert.notEqual(first.headers["webhook-timestamp"], second.headers["webhook-timestamp"]);
    assert.deepEqual(read(second), JSON.parse(second.body));
  });

  it("does not try before it is time", async () => {
    answer = answering(500);
    await place.put(url);
    await place.settled(haveFailed);
    place.later(3);
    // A second one is sent when the sender has looked, so that the first one was left.
    const [other] = await place.put(url);
    await place.settled(haveFailed);
    assert.equal(receiver.received.length, 2);
    assert.equal(receiver.received[1]?.headers["webhook-id"], other?.id);
  });

  it("gives up after ten tries, and says so of each", async () => {
    answer = answering(503);
    await place.put(url);
    for (let attempts = 1; attempts <= 10; attempts += 1) {
      await until(
        () => place.events.length,
        (count) => count === attempts,
      );
      place.later(2 * 86_400);
    }
    const [callback] = await place.outbox();
    assert.deepEqual([callback?.state, callback?.attempts], ["dead", 10]);
    assert.equal(receiver.received.length, 10);
    assert.deepEqual(types(), Array(10).fill("FAILED"));
    const last = place.events.at(-1)?.details;
    assert.deepEqual([last?.attempt, last?.next_at], [10, undefined]);
  });

  it("tries again where nobody listens", async () => {
    await receiver[Symbol.asyncDispose]();
    await place.put(url);
    const [callback] = await place.settled(haveFailed);
    assert.match(callback?.lastError ?? "", /ECONNREFUSED/);
    assert.equal(callback?.state, "waiting");
  });

  const bodies: readonly [what: string, write: (response: ServerResponse) => void][] = [
    ["larger than it reads", (response) => void response.end("x".repeat(70_000))],
    ["said to be larger", (response) => void response.setHeader("content-length", 1e12).end("x")],
    ["without an end", (response) => void response.write("x".repeat(70_000))],
    ["compressed", (response) => void response.setHeader("content-encoding", "gzip").end("x")],
    ["broken off", (response) => void response.write("x", () => response.destroy())],
  ];
  for (const [what, write] of bodies) {
    it(`judges by the status alone where the body is ${what}`, async () => {
      const closed = Promise.withResolvers<void>();
      answer = (_, response) => {
        response.on("close", closed.resolve);
        write(response);
      };
      await place.put(url);
      await place.settled(isEmpty);
      assert.deepEqual(types(), ["SENT"]);
      // The rest is not read.
      await closed.promise;
      answer = (_, response) => {
        response.statusCode = 500;
        write(response);
      };
      await place.put(url);
      const [callback] = await place.settled(haveFailed);
      assert.equal(callback?.lastError, "the answer has status 500");
    });
  }

  it("takes a 2xx for a delivery whose body takes longer than 5 s", async () => {
    answer = (_, response) => void response.writeHead(200).flushHeaders();
    await place.put(url);
    await place.settled(isEmpty);
    assert.deepEqual(types(), ["SENT"]);
  });

  it("reaches no address that the guard forbids, listed or not (SEC-58)", async () => {
    const forbidden = "http://169.254.169.254/latest";
    place.setUp({ [forbidden]: {} });
    await place.put(forbidden);
    const [callback] = await place.settled(haveFailed);
    assert.match(callback?.lastError ?? "", /linkLocal address space/);
    assert.equal(callback?.state, "waiting");
  });

  it("sends nothing to a URL that is not set up any more, and keeps it (SEC-57)", async () => {
    place.setUp({});
    const [put] = await place.put(url);
    const [callback] = await place.settled(haveFailed);
    assert.equal(callback?.state, "dead");
    assert.match(callback?.lastError ?? "", /no callback of the set-up/);
    assert.equal(receiver.received.length, 0);
    place.setUp({ [url]: {} });
    assert.equal(await place.store.callbacks.resendDead(url, place.world.clock.now()), 1);
    place.sender.wake();
    await place.settled(isEmpty);
    assert.equal(receiver.received[0]?.headers["webhook-id"], put?.id);
  });

  it("follows the set-up while callbacks are under way", async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    answer = (_, response) => arrived.resolve(response);
    await place.put(url);
    const response = await arrived.promise;
    await using other = await startReceiver();
    place.setUp({ [other.origin]: {} });
    await place.put(other.origin);
    await place.settled((all) => all.length === 1);
    assert.equal(other.received.length, 1);
    // What was sent before the URL went may end.
    response.writeHead(204).end();
    await place.settled(isEmpty);
    assert.deepEqual(types(), ["SENT", "SENT"]);
  });

  it("asks whether the set-up is the present one before it gives up a URL", async () => {
    // Another process has set it up, and this one has not heard of it.
    let configuration = configurationOf(0, {});
    const world = {
      ...place.world,
      configuration: () => configuration,
      async refreshConfiguration() {
        const revision = await place.store.configuration.revision();
        configuration = configurationOf(revision, { [url]: {} });
      },
    };
    await place.sender[Symbol.asyncDispose]();
    const now = place.world.clock.now();
    const object = { kind: "callbacks", id: url, document: "{}", sealed: null };
    await place.store.configuration.apply(0, [object], [], [], now);
    await place.put(url);
    await using _sender = openCallbackSender(world);
    await place.settled(isEmpty);
    assert.equal(receiver.received.length, 1);
  });

  for (const [what, stored] of Object.entries({ "is none": "", "is one of no form": "secret" })) {
    it(`waits for a secret where there ${what}, and sends nothing unsigned`, async () => {
      place.setUp({ [url]: { signing_secret: stored, previous_signing_secret: secret } });
      await place.put(url);
      const [callback] = await place.settled(haveFailed);
      assert.match(callback?.lastError ?? "", /no signing secret/);
      assert.equal(receiver.received.length, 0);
      // The former one may be of no form then.
      place.setUp({ [url]: { previous_signing_secret: stored } });
      place.later(7);
      await place.settled(isEmpty);
      assert.match(String(receiver.received[0]?.headers["webhook-signature"]), /^v1,[^ ]+$/);
    });
  }

  it("counts a fault of ours as a failure, so that it ends some day", async () => {
    const broken = () => {
      throw new TypeError("planted");
    };
    await place.sender[Symbol.asyncDispose]();
    await place.put(url);
    await using _sender = openCallbackSender({ ...place.world, configuration: broken });
    const [callback] = await place.settled(haveFailed);
    assert.match(callback?.lastError ?? "", /unexpected error/);
    assert.doesNotMatch(callback?.lastError ?? "", /planted/);
    assert(place.log.some((line) => line.includes("planted")));
  });

  it("gives a slow receiver four at a time and 5 s, and others their callbacks meanwhile", async () => {
    const waiting = new Set<ServerResponse>();
    let most = 0;
    let isSlow = true;
    await using slow = await startReceiver((_, response) => {
      if (!isSlow) return void response.writeHead(204).end();
      waiting.add(response);
      response.on("close", () => waiting.delete(response));
      most = Math.max(most, waiting.size);
    });
    const slowUrl = `${slow.origin}/slow`;
    place.setUp({ [url]: {}, [slowUrl]: {} });
    // The slow one's are older, so they are claimed first.
    await place.put(...Array<string>(6).fill(slowUrl));
    await place.put(...Array<string>(30).fill(url));
    await place.settled((all) => all.every((one) => one.url === slowUrl));
    assert.deepEqual([slow.received.length, receiver.received.length], [4, 30]);
    const failed = (all: readonly Callback[]) => all.filter((one) => one.lastError !== null);
    const all = await place.settled((outbox) => failed(outbox).length >= 4);
    assert.equal(failed(all)[0]?.lastError, "no answer within 5000 ms");
    // Those that had to wait have their turn.
    isSlow = false;
    place.later(7);
    await place.settled(isEmpty);
    assert.equal(most, 4);
  });

  it("keeps room for others where many receivers are slow", async () => {
    await using slow = await startReceiver(() => {});
    const slowUrls = Array.from({ length: 8 }, (_, index) => `${slow.origin}/${index}`);
    place.setUp(Object.fromEntries([url, ...slowUrls].map((one) => [one, {}])));
    // So many that each has its turn again and again, and all older than that of the other receiver.
    const backlog = slowUrls.flatMap((one) => Array<string>(16).fill(one));
    await place.put(...backlog);
    await place.put(url);
    await place.settled((all) => all.every((one) => one.url !== url));
    assert(slow.received.length <= backlog.length / 2, `after ${slow.received.length}`);
  });

  it("sends at most 32 at a time", async () => {
    const held: ServerResponse[] = [];
    let most = 0;
    answer = (_, response) => {
      held.push(response);
      most = Math.max(most, held.length);
    };
    const urls = Array.from({ length: 12 }, (_, index) => `${receiver.origin}/${index}`);
    place.setUp(Object.fromEntries(urls.map((one) => [one, {}])));
    await place.put(...urls.flatMap((one) => [one, one, one, one]));
    await until(
      () => held.length,
      (count) => count === 32,
    );
    // Others begin only where some have ended.
    await until(
      async () => {
        held.pop()?.writeHead(204).end();
        return (await place.outbox()).length;
      },
      (left) => left === 0,
    );
    assert.equal(most, 32);
    assert.equal(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size, 48);
    assert.equal(receiver.received.length, 48);
  });

  it("shares the outbox with another process, and each callback is sent by one of them", async () => {
    await using other = await senderWorld(place.store);
    other.setUp({ [url]: {} });
    const put = await place.put(...Array<string>(40).fill(url));
    other.sender.wake();
    await place.settled(isEmpty);
    const ids = receiver.received.map(({ headers }) => String(headers["webhook-id"]));
    assert.deepEqual(ids.sort(), put.map(({ id }) => id).sort());
    assert.equal(place.events.length + other.events.length, 40);
  });

  it("sends again, with the same id, what a process claimed that died (D-56)", async () => {
    await place.sender[Symbol.asyncDispose]();
    const [put] = await place.put(url);
    const claim = { lease: milliseconds(30_000), limit: 1, except: [] };
    const claimed = await place.store.callbacks.claim(place.world.clock.now(), claim);
    assert.equal(claimed.length, 1);
    await using other = await senderWorld(place.store);
    other.setUp({ [url]: {} });
    other.later(31);
    await place.settled(isEmpty);
    assert.deepEqual(
      receiver.received.map(({ headers }) => headers["webhook-id"]),
      [put?.id],
    );
    assert.equal(other.events[0]?.details?.attempt, 2);
  });

  it("lets what is under way end when it is closed, and takes up nothing new", async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    answer = (_, response) => arrived.resolve(response);
    await place.put(url);
    const response = await arrived.promise;
    let isClosed = false;
    const closed = place.sender[Symbol.asyncDispose]().then(() => {
      isClosed = true;
    });
    const [second] = await place.put(url);
    assert.equal(isClosed, false);
    response.writeHead(204).end();
    await closed;
    assert.deepEqual(
      (await place.outbox()).map(({ id, attempts }) => [id, attempts]),
      [[second?.id, 0]],
    );
    assert.equal(receiver.received.length, 1);
    assert.deepEqual(types(), ["SENT"]);
  });

  it("begins at most what it has claimed already when it is closed", async () => {
    const urls = Array.from({ length: 12 }, (_, index) => `${receiver.origin}/${index}`);
    place.setUp(Object.fromEntries(urls.map((one) => [one, {}])));
    await place.sender[Symbol.asyncDispose]();
    await place.put(...urls);
    const sender = openCallbackSender(place.world);
    await sender[Symbol.asyncDispose]();
    assert.equal(receiver.received.length, 4);
    assert.equal((await place.outbox()).length, 8);
  });
});
