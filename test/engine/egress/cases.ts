// Addresses, names, spellings and servers that a guarded client must not fall for.
import type { Socket } from "node:net";

/** Addresses that no public name may have: one or two of each special range, in several notations. */
export const specialAddresses: readonly string[] = [
  ...[
    "0.0.0.1",
    "0.255.255.255",
    "10.255.255.255",
    "100.64.0.0",
    "100.100.100.200",
    "100.127.255.255",
  ],
  ...[
    "127.0.0.2",
    "127.1.2.3",
    "169.254.0.1",
    "169.254.170.2",
    "169.254.169.123",
    "169.254.255.255",
  ],
  ...[
    "172.16.0.0",
    "172.20.10.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.0.192",
    "192.0.2.255",
    "192.88.99.2",
  ],
  ...["192.168.0.0", "192.168.255.255", "198.19.255.255", "198.51.100.255", "203.0.113.255"],
  ...["224.0.0.251", "239.255.255.250", "240.1.1.1", "250.0.0.1", "255.255.255.254"],
  ...[
    "::2",
    "::10.0.0.1",
    "::a9fe:a9fe",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::ffff:192.168.0.1",
  ],
  ...[
    "0:0:0:0:0:ffff:127.0.0.1",
    "::ffff:0:a00:1",
    "::ffff:0:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "64:ff9b::a9fe:a9fe",
  ],
  ...[
    "64:ff9b:1:2::3",
    "100::",
    "100:0:0:1::1",
    "200::1",
    "400::1",
    "1000::1",
    "4000::1",
    "8000::1",
    "a000::1",
  ],
  ...[
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:3::1",
    "2001:1ff::1",
    "2001:db8:ffff::1",
  ],
  ...[
    "2002:a9fe:a9fe::1",
    "2002:808:808::1",
    "3fff:fff::1",
    "5f00:1::1",
    "e000::1",
    "fc01::1",
    "fd00::1",
  ],
  ...[
    "fdff:ffff::1",
    "fe80::1%eth0",
    "fe80::ffff",
    "febf::1",
    "fec0:1::1",
    "feff::1",
    "ff01::1",
    "ff05::2",
  ],
  "ff0e::1",
];

/** Names of a machine's own, which only `localhost` itself may stand for. */
export const namesOfHosts: readonly string[] = [
  ...[
    "localhost.",
    "app.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "kubernetes.default.svc",
  ],
  ...[
    "metadata.google.internal",
    "host.docker.internal",
    "127.0.0.1.nip.example",
    "xn--lcalhost-d1a",
  ],
  ...["0x7f000001.example", "localtest.me", "instance-data"],
];

/**
 * Spellings of URLs, and where they lead when http://portal.example is allowed, on PORT too: nowhere,
 * or to that name, whose addresses are then judged.
 */
export const spellings: readonly (readonly [url: string, leads: "nowhere" | "to the name"])[] = [
  ["http://portal.example/", "to the name"],
  ["HTTP://Portal.Example:80/", "to the name"],
  ["http:\\\\portal.example\\x", "to the name"],
  ["http:portal.example", "to the name"],
  ["  http://portal.example/\n", "to the name"],
  ["http://por\ntal.exam\tple/", "to the name"],
  ["http://%70ortal.example/", "to the name"],
  ["http://\uff50\uff4f\uff52\uff54\uff41\uff4c.example/", "to the name"],
  ["http://portal\u3002example/", "to the name"],
  ["http://portal.example:PORT/@127.0.0.1", "to the name"],
  ["http://portal.example?@127.0.0.1:PORT/", "to the name"],
  ["http://portal.example#@127.0.0.1:PORT/", "to the name"],
  ["http://portal.example\\@127.0.0.1:PORT/", "to the name"],
  ["http://portal.example./", "nowhere"],
  ["http://portal.example:81/", "nowhere"],
  ["https://portal.example/", "nowhere"],
  ["ws://portal.example/", "nowhere"],
  ["ftp://portal.example/", "nowhere"],
  ["http+unix://portal.example/", "nowhere"],
  ["blob:http://portal.example/1", "nowhere"],
  ["view-source:http://portal.example/", "nowhere"],
  ["javascript:1", "nowhere"],
  ["//portal.example/", "nowhere"],
  ["portal.example", "nowhere"],
  ["http://user@portal.example/", "nowhere"],
  ["http://:secret@portal.example/", "nowhere"],
  ["http://portal.example:80@127.0.0.1:PORT/", "nowhere"],
  ["http://portal.example%40127.0.0.1:PORT/", "nowhere"],
  ["http://portal.example%00.evil.example/", "nowhere"],
  ["http://portal.example%2f@127.0.0.1:PORT/", "nowhere"],
  ["http://127.0.0.1:PORT\\.portal.example/", "nowhere"],
  ["http://127.0.0.1:PORT#.portal.example/", "nowhere"],
  ["http://127.0.0.1:PORT/?http://portal.example/", "nowhere"],
  ["http://portal.example.127.0.0.1:PORT/", "nowhere"],
  ["http://portal.example.evil.example/", "nowhere"],
  ["http://evilportal.example/", "nowhere"],
  ["http://sub.portal.example/", "nowhere"],
  ["http://portal\u00ad.example.evil.example/", "nowhere"],
  ["http://p\u043ertal.example/", "nowhere"],
  ["http://portal.example:PORT:80/", "nowhere"],
  ["http://portal.example:99999/", "nowhere"],
  ["http://portal.example:-1/", "nowhere"],
  ["http://[portal.example]/", "nowhere"],
  ["http://*/", "nowhere"],
  ["http://localhost:PORT/", "nowhere"],
  ["http://127.0.0.1:PORT/", "nowhere"],
  ["http://127.1:PORT/", "nowhere"],
  ["http://2130706433:PORT/", "nowhere"],
  ["http://0x7f000001:PORT/", "nowhere"],
  ["http://0X7F.0x0.0x0.0x1:PORT/", "nowhere"],
  ["http://017700000001:PORT/", "nowhere"],
  ["http://0177.0.0.01:PORT/", "nowhere"],
  ["http://127.0.0.1.:PORT/", "nowhere"],
  ["http://127.0x1:PORT/", "nowhere"],
  ["http://127.65536.1:PORT/", "nowhere"],
  ["http://4294967295127:PORT/", "nowhere"],
  ["http://0:PORT/", "nowhere"],
  ["http://0.0.0.0:PORT/", "nowhere"],
  ["http://%31%32%37.0.0.1:PORT/", "nowhere"],
  ["http://\uff11\uff12\uff17.\uff10.\uff10.\uff11:PORT/", "nowhere"],
  ["http://\u2460\u2461\u2466.0.0.1:PORT/", "nowhere"],
  ["http://127\u30020\uff0e0\uff611:PORT/", "nowhere"],
  ["http://[::1]:PORT/", "nowhere"],
  ["http://[::]:PORT/", "nowhere"],
  ["http://[0:0:0:0:0:0:0:1]:PORT/", "nowhere"],
  ["http://[::ffff:7f00:1]:PORT/", "nowhere"],
  ["http://[::127.0.0.1]:PORT/", "nowhere"],
  ["http://[64:ff9b::7f00:1]:PORT/", "nowhere"],
  ["http://[::1%25lo]:PORT/", "nowhere"],
  ["http://[::1", "nowhere"],
  ["http://::1:PORT/", "nowhere"],
];

const head = "HTTP/1.1 200 OK\r\n";

/** Writes again and again until the other side has gone. */
const forever = (socket: Socket, text: () => string): void => {
  const drip = setInterval(() => socket.write(text()), 5);
  socket.on("close", () => clearInterval(drip));
};

const tooLong = /^failed: the answer took too long$/;
const tooLarge = /^failed: the answer is larger than 10000 bytes$/;
const broken =
  /^failed: the (exchange failed \((HPE_\w+|ECONNRESET)\)|connection was closed|answer broke off)/;

/** What a server says on the wire, and what comes of it. */
export const endlessAnswers: readonly (readonly [
  law: string,
  expected: RegExp,
  talk: (socket: Socket) => void,
])[] = [
  [
    "a body without end",
    tooLarge,
    (socket) => {
      socket.write(`${head}\r\n`);
      forever(socket, () => "x".repeat(5_000));
    },
  ],
  [
    "a length that is a lie",
    tooLarge,
    (socket) => {
      socket.write(`${head}content-length: 99999999999999\r\n\r\n`);
    },
  ],
  [
    "a length that is no number",
    broken,
    (socket) => {
      socket.write(`${head}content-length: 1e3\r\n\r\nx`);
    },
  ],
  [
    "two lengths",
    broken,
    (socket) => {
      socket.write(`${head}content-length: 1\r\ncontent-length: 2\r\n\r\nxx`);
    },
  ],
  [
    "a length and chunks",
    broken,
    (socket) => {
      socket.write(`${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`);
    },
  ],
  [
    "chunks without end",
    tooLarge,
    (socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
      forever(socket, () => `800\r\n${"x".repeat(2_048)}\r\n`);
    },
  ],
  [
    "a chunk of 2^60 bytes",
    tooLarge,
    (socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n1000000000000000\r\n`);
      forever(socket, () => "x".repeat(5_000));
    },
  ],
  [
    "chunks of one byte",
    tooLong,
    (socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
      forever(socket, () => "1\r\nx\r\n");
    },
  ],
  [
    "chunk extensions without end",
    /^failed/,
    (socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n1;`);
      forever(socket, () => "x".repeat(5_000));
    },
  ],
  [
    "trailers without end",
    /^failed/,
    (socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n0\r\n`);
      forever(socket, () => "a: b\r\n".repeat(500));
    },
  ],
  [
    "headers without end",
    /^failed/,
    (socket) => {
      socket.write(head);
      forever(socket, () => "a: b\r\n".repeat(500));
    },
  ],
  [
    "one header without end",
    /^failed/,
    (socket) => {
      socket.write(`${head}a: `);
      forever(socket, () => "b".repeat(3_000));
    },
  ],
  [
    "a status line without end",
    /^failed/,
    (socket) => {
      socket.write("HTTP/1.1 200 ");
      forever(socket, () => "O".repeat(3_000));
    },
  ],
  [
    "interim answers without end",
    /^failed/,
    (socket) => {
      forever(socket, () => "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(50));
    },
  ],
  [
    "another protocol",
    /^failed/,
    (socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n");
    },
  ],
  [
    "no protocol at all",
    broken,
    (socket) => {
      socket.write("220 mail.example ESMTP\r\n");
    },
  ],
  ["nothing", tooLong, () => {}],
  [
    "the end at once",
    broken,
    (socket) => {
      socket.end();
    },
  ],
  [
    "a reset in the middle",
    /^failed/,
    (socket) => {
      socket.write(`${head}content-length: 100\r\n\r\nx`, () =>
        setTimeout(() => socket.resetAndDestroy(), 20),
      );
    },
  ],
  [
    "an answer to a question that was never asked",
    /^(answered 200|failed)/,
    (socket) => {
      socket.write(`${head}content-length: 1\r\n\r\nx${head}content-length: 4\r\n\r\nevil`);
    },
  ],
];
