// HTTP.request: an outgoing request without Java, under the same rules as REST_TEMPLATE.
import { call } from "./bridge.js";
import { freeze, hide, parse, stringify } from "./builtins.js";

const pairsOf = (headers) =>
  Object.keys(headers).flatMap((name) =>
    [headers[name]].flat().map((value) => [name, String(value)]),
  );

const byName = (pairs) => {
  const headers = Object.create(null);
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return headers;
};

/** Gives `{status, headers, body, json()}` for an answer of any status; throws when there is none. */
const request = ({ method = "GET", url, headers = {}, body = null }) => {
  const pairs = pairsOf(headers);
  const isText = body === null || typeof body === "string";
  if (!isText && !pairs.some(([name]) => name.toLowerCase() === "content-type")) {
    pairs.push(["content-type", "application/json"]);
  }
  const sent = isText ? body : stringify(body);
  const answer = call("http.request", String(method).toUpperCase(), String(url), pairs, sent);
  return {
    status: answer.status,
    headers: byName(answer.headers),
    body: answer.body,
    json: () => parse(answer.body),
  };
};
hide(globalThis, "HTTP", freeze({ request }));
