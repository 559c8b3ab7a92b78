// REST_TEMPLATE and HTTP: outgoing requests, under the deployment's egress policy.
import type { EgressAnswer, Headers } from "../egress_message.ts";
import type { Json } from "../script.ts";
import { type Answer, answer, type Binding, illegalArgument } from "../world.ts";

/**
 * The operation behind REST_TEMPLATE and HTTP: method, URL, list of header pairs and text body or
 * null. An answer of any status is a value; a refused or failed request throws Spring's
 * ResourceAccessException. Source: D-24, D-25.
 */
export const httpBinding: Binding = {
  name: "REST_TEMPLATE",
  operations: {
    "http.request": async ([method, url, headers, body], world) => {
      if (typeof method !== "string" || typeof url !== "string" || !isHeaders(headers)) {
        return illegalArgument("a request has a method, a URL and a list of headers");
      }
      world.countEgress();
      const { signal } = world;
      const request = typeof body === "string" ? { body } : {};
      const given = await world.egress.request({ method, url, headers, signal, ...request });
      return given.kind === "answered" ? answer(shown(given)) : failed(method, url, given.message);
    },
  },
};

const isHeaders = (value: Json | undefined): value is [string, string][] =>
  Array.isArray(value) &&
  value.every(
    (pair) =>
      Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string"),
  );

const shown = ({ status, headers, body }: EgressAnswer & { kind: "answered" }): Json => ({
  status,
  headers: headers.map(([name, value]) => [name, value]),
  body: body.toString(charsetOf(headers)),
});

const latin1 = /charset="?(iso-8859-1|us-ascii|latin1)/i;

const charsetOf = (headers: Headers): "latin1" | "utf8" => {
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  return latin1.test(type) ? "latin1" : "utf8";
};

/** The query of a URL may hold secrets, so a message names the address without it. */
const failed = (method: string, url: string, message: string): Answer => ({
  thrown: {
    javaClass: "org.springframework.web.client.ResourceAccessException",
    message: `I/O error on ${method} request for "${url.replace(/[?#].*$/s, "")}": ${message}`,
  },
});
