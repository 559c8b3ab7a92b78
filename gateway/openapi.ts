// The REST endpoints as an OpenAPI 3.1 document, from the same rules, messages and reasons that
// serve them.
import type { DescMethod } from "@bufbuild/protobuf";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Answer, HttpRule, ReasonName } from "../proto/contract.ts";
import { answerTo, commonRefusals, exchangeOf, httpRules, ownPackage } from "../proto/contract.ts";
import type { Json, Schemas } from "./openapi_schema.ts";
import { described, schemas } from "./openapi_schema.ts";

const mediaTypes = {
  json: ["application/json"],
  urlencoded: ["application/x-www-form-urlencoded"],
  either: ["application/json", "application/x-www-form-urlencoded"],
} as const;

// What the gateway itself refuses where there is a body.
const bodyRefusals: readonly ReasonName[] = ["MEDIA_TYPE_UNSUPPORTED", "BODY_TOO_LARGE"];

const errorSchema: Json = {
  type: "object",
  required: ["error", "error_description"],
  properties: {
    error: { type: "string", description: "A word for programs." },
    error_description: { type: "string", description: "A sentence for people." },
  },
};

const variablesOf = (template: string): string[] =>
  [...template.matchAll(/\{([a-z0-9_]+)\}/g)].map((match) => match[1] as string);

/** The members that a refusal has beside those of every one, where refusals are numbered. */
function numbersOf(rows: readonly Answer[]): Json {
  const codes = [...new Set(rows.map((row) => row.code).filter((code) => code !== ""))];
  return {
    ...(codes.length === 0 ? {} : { error_code: { type: "string", enum: codes } }),
    description: { type: "string", description: "The same sentence." },
  };
}

function refusal(reasons: readonly ReasonName[], numbered: boolean): Json {
  const rows = reasons.map(answerTo);
  const members = Object.fromEntries(
    rows.flatMap((row) => row.members).map((name) => [name, { type: "string" }]),
  );
  const words = [...new Set(rows.map((row) => row.word))];
  const numbers = numbered ? numbersOf(rows) : {};
  const schema = {
    allOf: [
      { $ref: "#/components/schemas/Error" },
      { type: "object", properties: { error: { enum: words }, ...members, ...numbers } },
    ],
  };
  const coded = ({ code }: Answer): string =>
    numbered && code !== "" ? ` Its \`error_code\` is ${code}.` : "";
  return {
    description: rows.map((row) => `\`${row.word}\`: ${row.sentence}.${coded(row)}`).join("\n\n"),
    content: { "application/json": { schema } },
  };
}

function refusals(method: DescMethod, hasBody: boolean): Json {
  const { refusals: own, numbered } = exchangeOf(method);
  const reasons = new Set([
    ...own,
    ...commonRefusals,
    ...(hasBody ? bodyRefusals : []),
    "UNSPECIFIED" as const,
  ]);
  const byStatus = Map.groupBy(reasons, (reason) => answerTo(reason).http);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [status, refusal(group, numbered)]),
  );
}

function success(method: DescMethod, rule: HttpRule, writer: Schemas): Json {
  const { success: status } = exchangeOf(method);
  if (status === 204) return { 204: { description: "Done; there is no body." } };
  const member = method.output.fields.find((field) => field.name === rule.responseBody);
  const schema = member
    ? writer.field(member, "answer")
    : { ...described(method.output), ...writer.object(method.output.fields, "answer") };
  return { [status]: { description: "Success.", content: { "application/json": { schema } } } };
}

function parameters(method: DescMethod, rule: HttpRule, writer: Schemas): Json[] {
  const inPath = variablesOf(rule.pattern.value);
  return method.input.fields
    .filter((field) => inPath.includes(field.name) || rule.body === "")
    .map((field) => {
      const { description, ...schema } = writer.field(field, "request");
      const path = inPath.includes(field.name);
      return {
        name: field.name,
        in: path ? "path" : "query",
        required: path || writer.needed(field),
        ...(description === undefined ? {} : { description }),
        schema,
      };
    });
}

function requestBody(method: DescMethod, rule: HttpRule, writer: Schemas): Json {
  if (rule.body === "") return {};
  const inPath = variablesOf(rule.pattern.value);
  const fields = method.input.fields.filter((field) => !inPath.includes(field.name));
  const member = fields.find((field) => field.name === rule.body);
  const schema = member ? writer.field(member, "request") : writer.object(fields, "request");
  const types = mediaTypes[exchangeOf(method).form];
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  return { requestBody: { required: fields.some(writer.needed), content } };
}

function operation(method: DescMethod, rule: HttpRule, index: number, writer: Schemas): Json {
  const given = parameters(method, rule, writer);
  return {
    operationId: index === 0 ? method.name : `${method.name}${index + 1}`,
    tags: [method.parent.name],
    ...described(method),
    "x-listener": exchangeOf(method).listener,
    ...(given.length === 0 ? {} : { parameters: given }),
    ...requestBody(method, rule, writer),
    responses: { ...success(method, rule, writer), ...refusals(method, rule.body !== "") },
  };
}

/**
 * Gives the OpenAPI 3.1 document of the contract in `image`, an encoded
 * google.protobuf.FileDescriptorSet with source info, whose comments become descriptions. It has
 * each HTTP rule of each method of both listeners, the limits of the fields, and every refusal by
 * HTTP status and word. Source: our decision; it is the guard for REST paths, which
 * `buf breaking` does not see.
 */
export function openapi(image: Uint8Array): Json {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  const writer = schemas(registry);
  const services = [...registry].filter(
    (desc) => desc.kind === "service" && desc.file.proto.package === ownPackage,
  );
  const paths: Record<string, Json> = {};
  const tags: Json[] = [];
  for (const service of services) {
    if (service.kind !== "service") continue;
    tags.push({ name: service.name, ...described(service) });
    for (const method of service.methods) {
      for (const [index, rule] of httpRules(method).entries()) {
        const { value: template, case: verb } = rule.pattern;
        paths[template] = { ...paths[template], [verb]: operation(method, rule, index, writer) };
      }
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Gatewright", version: "1" },
    tags,
    paths,
    components: { schemas: { Error: errorSchema, ...writer.components } },
  };
}
