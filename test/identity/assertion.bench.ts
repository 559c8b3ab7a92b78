// Prints what believing an assertion costs beside a bare signature verification in the same run.

import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { milliseconds, seconds } from "../../server/core/clock.ts";
import { readAssertion, verifyAssertion } from "../../server/identity/assertion.ts";
import { noKeys } from "../../server/identity/client_keys.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const issuer = "https://token-server.example.com/oauth";
const now = milliseconds(Date.now());
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const clientId = "0b5d1e62-7f0c-4b54-9c0a-6a6f2f0f3a11";
const kid = "a-key-id-as-thumbprints-are-of-43-characters";
const signed = `${encode({ alg: "ES256", kid, typ: "JWT" })}.${encode({
  iss: clientId,
  sub: clientId,
  aud: issuer,
  exp: Math.floor(now / 1000) + 300,
  iat: Math.floor(now / 1000),
  jti: "c1b1f0de-5a4c-4f0c-8f83-3b0d7a2c9e55",
})}`;
const key: { key: KeyObject; dsaEncoding: "ieee-p1363" } = {
  key: publicKey,
  dsaEncoding: "ieee-p1363",
};
const signature = sign("sha256", Buffer.from(signed), { ...key, key: privateKey });
const assertion = `${signed}.${signature.toString("base64url")}`;
const foreign = assertion.replace(/^[^.]+/, encode({ alg: "RS256", kid: "22" }));
const keys = new Map([[kid, publicKey]]);
const bytes = Buffer.from(signed);
const rules = { issuer, now, maxLifetime: seconds(3600) };

const wrong = `${signed}.${Buffer.from(signature).reverse().toString("base64url")}`;

const refused = (work: () => unknown) => (): void => {
  try {
    work();
  } catch {
    return;
  }
  throw new Error("nothing was refused");
};

const works: Record<string, () => unknown> = {
  "bare verify": () => verify("sha256", bytes, key, signature),
  "read and verify": () => verifyAssertion(readAssertion(assertion), keys, rules),
  "read only": () => readAssertion(assertion),
  "refused before the signature": refused(() => readAssertion(foreign)),
  "refused for its signature": refused(() => verifyAssertion(readAssertion(wrong), keys, rules)),
  "refused for an unknown client": refused(() =>
    verifyAssertion(readAssertion(assertion), noKeys, rules),
  ),
};

const micros = (work: () => unknown, count: number): number => {
  const before = process.cpuUsage();
  for (let round = 0; round < count; round++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
};

const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

const rounds = Object.fromEntries(Object.keys(works).map((name) => [name, [] as number[]]));
for (const work of Object.values(works)) micros(work, 2000);
for (let round = 0; round < 9; round++) {
  for (const [name, work] of Object.entries(works)) rounds[name]?.push(micros(work, 1000));
}
const floor = median(rounds["bare verify"] ?? []);
for (const [name, costs] of Object.entries(rounds)) {
  const cost = median(costs);
  console.log(`${name}: ${cost.toFixed(1)} us, ${(cost / floor).toFixed(2)} x bare verify`);
}
