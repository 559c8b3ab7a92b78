// Sends any request of the contract as its HTTP rule has it, so that tests can walk all methods.
import type { DescMethod } from "@bufbuild/protobuf";
import { exchangeOf, httpRules } from "../../proto/contract.ts";
import type { HttpAnswer } from "../support/http.ts";
import { send } from "../support/http.ts";
import type { TestServer } from "../support/server.ts";

/** The fields of a request by the names of the contract. */
export type Message = Readonly<Record<string, unknown>>;

const pairsOf = (message: Message): [string, string][] =>
  Object.entries(message).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one): [string, string] => [name, String(one)]),
  );

/**
 * Sends a request by the first HTTP rule of its method: variables into the path, the rest into the
 * body, or into the query where there is none.
 */
export function sendByContract(
  server: TestServer,
  method: DescMethod,
  message: Message,
  authorization?: string,
): Promise<HttpAnswer> {
  const [rule] = httpRules(method);
  if (!rule) throw new Error(`${method.name} has no HTTP rule`);
  const rest: Record<string, unknown> = { ...message };
  const path = rule.pattern.value.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  const { form, listener } = exchangeOf(method);
  const base = listener === "admin" ? server.admin : server.http;
  const credentials = authorization === undefined ? {} : { authorization };
  const verb = rule.pattern.case.toUpperCase();
  if (rule.body === "") {
    const query = new URLSearchParams(pairsOf(rest)).toString();
    const url = `${base}${path}${query === "" ? "" : `?${query}`}`;
    return send(url, { method: verb, headers: credentials });
  }
  const isForm = form === "urlencoded";
  const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
  const body = rule.body === "*" ? rest : rest[rule.body];
  return send(base + path, {
    method: verb,
    headers: { "content-type": type, ...credentials },
    body: isForm ? new URLSearchParams(pairsOf(rest)).toString() : JSON.stringify(body),
  });
}
