// The google.api.http rules of a listener's methods as routes, and the route of a path.
import type { IncomingMessage } from "node:http";
import type { DescMethodUnary, JsonValue, Message } from "@bufbuild/protobuf";
import type { Exchange, HttpRule } from "../../proto/contract.ts";
import { exchangeOf, httpRules } from "../../proto/contract.ts";
import { isUnary, methodsOf } from "../methods.ts";
import type { Parts, Variable } from "./binding.ts";
import { bind } from "./binding.ts";
import { writer } from "./reply.ts";
import { spelling } from "./schema.ts";

/** One HTTP rule of one method. */
export interface Route {
  /** The HTTP method. */
  readonly verb: string;
  readonly template: string;
  readonly method: DescMethodUnary;
  readonly exchange: Exchange;
  /** True when requests have a body. */
  readonly takesBody: boolean;
  /** Gives the message of a request, or throws REQUEST_INVALID. */
  bind(parts: Parts): Message;
  /** Gives the JSON of an answer. */
  write(message: Message): JsonValue;
}

/** The routes of one path, by HTTP method, and the verbs that `allow` names. */
interface Place {
  readonly routes: ReadonlyMap<string, Route>;
  readonly allow: string;
}

/** A path that is served. */
export interface Found {
  readonly place: Place;
  /** The segments of the path, still escaped. */
  readonly segments: readonly string[];
}

/** Gives the route of a request at a place; HEAD is served as GET. */
export const routeOf = ({ routes }: Place, { method }: IncomingMessage): Route | undefined =>
  routes.get(method === "HEAD" ? "GET" : (method as string));

/** Finds the routes of a path. */
export type Finder = (path: string) => Found | undefined;

interface Pattern {
  /** The texts of the segments; undefined where a variable is. */
  readonly texts: readonly (string | undefined)[];
  readonly place: Place;
}

const variable = /^\{([a-z0-9_]+)\}$/;

function parse(template: string): { texts: (string | undefined)[]; variables: Variable[] } {
  const variables: Variable[] = [];
  const texts = template.split("/").map((text, segment) => {
    const name = variable.exec(text)?.[1];
    if (name !== undefined) variables.push({ segment, name });
    else if (/[{}*:]/.test(text)) throw new Error(`${template} is beyond what the gateway serves`);
    return name === undefined ? text : undefined;
  });
  return { texts, variables };
}

function route(method: DescMethodUnary, rule: HttpRule): Route {
  const { case: verb, value: template } = rule.pattern;
  const exchange = exchangeOf(method);
  const message = spelling(method.input);
  const { variables } = parse(template);
  const names = [...variables.map((v) => v.name), ...(/^\*?$/.test(rule.body) ? [] : [rule.body])];
  const strange = names.find((name) => !message.fields.some((field) => field.name === name));
  if (strange !== undefined) throw new Error(`${message.typeName} has no field ${strange}`);
  const omitsEmpty = exchange.form === "urlencoded";
  const plan = { message, variables, body: rule.body, omitsEmpty };
  return {
    verb: verb.toUpperCase(),
    template,
    method,
    exchange,
    takesBody: rule.body !== "",
    bind: (parts) => bind(plan, parts),
    write: writer(spelling(method.output), rule.responseBody),
  };
}

/** Gives the routes of a listener's methods, the additional bindings included. */
export const routesOf = (listener: Exchange["listener"]): readonly Route[] =>
  methodsOf(listener)
    .filter(isUnary)
    .flatMap((method) => httpRules(method).map((rule) => route(method, rule)));

function place(routes: readonly Route[]): Place {
  const verbs = routes.flatMap(({ verb }) => (verb === "GET" ? ["GET", "HEAD"] : [verb]));
  return { routes: new Map(routes.map((r) => [r.verb, r])), allow: verbs.join(", ") };
}

/**
 * Gives the finder of `routes`. A path without variables is one look-up; of the others only those
 * with as many segments are compared. A variable is one segment that is not empty, and a path is
 * taken literally: case, doubled and trailing slashes and dots count.
 */
export function finder(routes: readonly Route[]): Finder {
  const literals = new Map<string, Found>();
  const patterns = new Map<number, Pattern[]>();
  for (const [template, group] of Map.groupBy(routes, (r) => r.template)) {
    const { texts, variables } = parse(template);
    const pattern = { texts, place: place(group) };
    if (variables.length === 0) literals.set(template, { place: pattern.place, segments: [] });
    else patterns.set(texts.length, [...(patterns.get(texts.length) ?? []), pattern]);
  }
  return (path) => {
    const literal = literals.get(path);
    if (literal) return literal;
    const segments = path.split("/");
    const found = patterns
      .get(segments.length)
      ?.find(({ texts }) =>
        texts.every((text, i) => (text === undefined ? segments[i] !== "" : text === segments[i])),
      );
    return found && { place: found.place, segments };
  };
}
