// Settings: the environment read by the contract's `Settings`, once, at start.
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import type { DescField, JsonValue, Message } from "@bufbuild/protobuf";
import { fromJson, ScalarType, toBinary } from "@bufbuild/protobuf";
import type { Violation } from "@bufbuild/protovalidate";
import { createValidator } from "@bufbuild/protovalidate";
import { Settings } from "../gen/gatewright/v1/settings.ts";
import { messageOf, optionOf, ownPackage, registry } from "./contract.ts";

/** A setting that cannot be used. The message is one line: variable, what it got, what it takes. */
export class SettingFault extends Error {}

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Setting {
  readonly default: string;
  readonly takes: string;
  readonly confidential: boolean;
}

const prefix = "GATEWRIGHT_";
const schema = messageOf("Settings");
const validator = createValidator({ registry });
const settingOf = (field: DescField): Setting =>
  optionOf(field, `${ownPackage}.setting`) as Setting;
const switches: Readonly<Record<string, boolean>> = { on: true, off: false };

/** Gives the variable of a setting. */
export const variableOf = (name: string): string => prefix + name.toUpperCase();

/**
 * Reads the settings. A variable that is not set takes the default of its field, in which `<name>`
 * stands for another setting, and `<scheme>` for https where there is a certificate, else http. Throws SettingFault for a value that a field does not take, and for a
 * variable of our prefix that is no setting (a misspelt one would otherwise change nothing, silently).
 * `others` names variables of the prefix that other programs read. Source: our decision.
 */
export function readSettings(environment: Environment, others: readonly string[] = []): Settings {
  const known = new Set([...schema.fields.map((field) => variableOf(field.name)), ...others]);
  for (const name of Object.keys(environment)) {
    if (name.startsWith(prefix) && !known.has(name))
      throw new SettingFault(`${name} is no setting`);
  }
  const tls = environment[variableOf("tls_cert")];
  const texts: Record<string, string> = { scheme: tls ? "https" : "http" };
  for (const field of schema.fields) {
    texts[field.name] = environment[variableOf(field.name)] || settingOf(field).default;
  }
  const json: Record<string, JsonValue> = {};
  for (const field of schema.fields) {
    const text = texts[field.name]!.replace(/<(\w+)>/g, (_, name) => texts[name] ?? "");
    if (text !== "") json[field.name] = readValue(field, text);
  }
  return Settings.decode(toBinary(schema, parse(json)));
}

function readValue(field: DescField, text: string): JsonValue {
  const { takes, confidential } = settingOf(field);
  const wrong = (): never => {
    const got = confidential ? `${text.length} characters of another form` : JSON.stringify(text);
    throw new SettingFault(`${variableOf(field.name)}: got ${got}, takes ${takes}`);
  };
  const value = field.scalar === ScalarType.BOOL ? switches[text] : text;
  if (value === undefined) return wrong();
  const message = attempt(() => parse({ [field.name]: value })) ?? wrong();
  const result = validator.validate(schema, message);
  const isMine = (violation: Violation): boolean =>
    violation.field.some((part) => "name" in part && part.name === field.name);
  return result.kind !== "valid" && result.violations?.some(isMine) ? wrong() : value;
}

// The parser of the contract tells only by throwing whether a text has a field's form.
const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const parse = (json: JsonValue): Message => fromJson(schema, json, { registry });

/** Says whether a host name or address is the machine itself. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/** Splits `host:port`; an IPv6 host keeps its brackets. */
export function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
}

/** Certificate chain and key in PEM. */
export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fault(name, path, `which cannot be read (${(error as Error).message})`);
  }
}

/** Reads the certificate and key of the listeners; undefined without. Throws SettingFault. */
export function readTls({ tlsCert, tlsKey }: Settings): Tls | undefined {
  if (tlsCert === "") return undefined;
  const tls = { cert: readPem("tls_cert", tlsCert), key: readPem("tls_key", tlsKey) };
  try {
    createSecureContext(tls);
  } catch (error) {
    const why = `takes a PEM certificate that fits ${variableOf("tls_key")} (${(error as Error).message})`;
    throw fault("tls_cert", tlsCert, why);
  }
  return tls;
}

/** Splits a setting that is a list: items separated by commas, blanks around them left out. */
export const splitList = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

function isNetwork(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const width = isIP(address) === 6 ? 128 : 32;
  const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width);
  return isIP(address) !== 0 && isPrefix && rest.length === 0;
}

const fault = (name: string, got: string, takes: string): SettingFault =>
  new SettingFault(`${variableOf(name)}: got ${JSON.stringify(got)}, ${takes}`);

/**
 * Refuses settings that do not fit together: a port beyond the last, a proxy that is no address, a
 * listener beyond loopback without TLS or trusted proxies, an issuer that is not https beyond loopback,
 * limits switched off beyond loopback. Throws SettingFault. Source: SEC-81, our decision.
 */
export function checkTogether(settings: Settings): void {
  const { http, admin, grpc, issuer, tlsCert, tlsKey, trustedProxies } = settings;
  const listeners = Object.entries({ http, admin, grpc }).filter(
    ([, address]) => address !== "off",
  );
  for (const [name, address] of listeners) {
    if (splitAddress(address).port > 65_535) throw fault(name, address, "takes a port up to 65535");
  }
  for (const proxy of splitList(trustedProxies)) {
    if (!isNetwork(proxy)) throw fault("trusted_proxies", proxy, "takes addresses or CIDR blocks");
  }
  const open = listeners.filter(([, address]) => !isLoopback(splitAddress(address).host));
  const [first] = open;
  if (first && !tlsCert && !trustedProxies) {
    const ways = `${variableOf("tls_cert")} and ${variableOf("tls_key")}, or ${variableOf("trusted_proxies")}`;
    throw fault(first[0], first[1], `which is beyond loopback and takes ${ways}`);
  }
  if (Boolean(tlsCert) !== Boolean(tlsKey)) {
    throw new SettingFault(`${variableOf("tls_cert")} and ${variableOf("tls_key")} go together`);
  }
  const { protocol, hostname } = new URL(issuer);
  if (protocol !== "https:" && !isLoopback(hostname)) {
    throw fault("issuer", issuer, "takes an https URL; http on loopback only");
  }
  if (!settings.rateLimits && first) {
    throw fault("rate_limits", "off", "which is taken only when every listener is on loopback");
  }
}
