// Processor time of one REST request through the gateway against a bare node:http echo of the same
// JSON, with the same eight keep-alive connections from another process, in rounds that take turns.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { embedded } from "../../gateway/upstream/embedded.ts";
import { behind, gateway } from "./two_ways.ts";

const path = "/oauth/v2/custom-registration/qr/complete";
const body = JSON.stringify({
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: `${"a".repeat(120)}.${"b".repeat(400)}.${"c".repeat(86)}`,
  data: '{"code":"0123456789"}',
  scope: ["read", "write"],
  profile_id: "AbC123",
});
const reply = {
  status: 2000,
  oauthToken: {
    tokenType: "bearer",
    accessToken: "A".repeat(64),
    refreshToken: "B".repeat(64),
    idToken: undefined,
    expiresIn: 3600,
  },
  data: "done",
};

async function generate(address: string, count: number): Promise<void> {
  const text =
    `POST ${path} HTTP/1.1\r\nhost: ${address}\r\ncontent-type: application/json\r\n` +
    `accept: */*\r\nuser-agent: bench\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const [host, port] = address.split(":") as [string, string];
  const one = async (): Promise<void> => {
    const socket = connect({ host, port: Number(port), noDelay: true });
    let left = count / 8;
    const next = (): unknown => (left-- > 0 ? socket.write(text) : socket.end());
    socket.on("data", next);
    next();
    await once(socket, "close");
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

async function measure(address: string, count: number): Promise<number> {
  const before = process.cpuUsage();
  const child = fork(import.meta.filename, [address, String(count)]);
  await once(child, "exit");
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

async function bench(): Promise<void> {
  const server = behind();
  server.handle = () => reply;
  const ours = await gateway(embedded(server.procedures));
  const echo = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const text = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
      });
      response.end(text);
    });
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  const bare = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
  await measure(bare, 8_000);
  await measure(ours.public, 24_000);
  const rounds: [number, number][] = [];
  for (let round = 0; round < 5; round++) {
    rounds.push([await measure(bare, 16_000), await measure(ours.public, 16_000)]);
  }
  rounds.sort(([a, b], [c, d]) => b / a - d / c);
  const [floor, cost] = rounds[2] as [number, number];
  console.log(
    `REST, embedded: ${cost.toFixed(0)} µs, bare echo ${floor.toFixed(0)} µs, ratio ${(cost / floor).toFixed(2)}`,
  );
  echo.close();
  await ours.stop();
}

if (process.argv[2]) await generate(process.argv[2], Number(process.argv[3]));
else await bench();
