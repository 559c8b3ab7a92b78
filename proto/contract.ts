// Reads the compiled contract (gen/contract.binpb): services, HTTP rules, exchanges and answers.
import { readFileSync } from "node:fs";
import type {
  AnyDesc,
  DescExtension,
  DescMessage,
  DescMethod,
  DescService,
  FileRegistry,
} from "@bufbuild/protobuf";
import { createFileRegistry, fromBinary, getOption } from "@bufbuild/protobuf";
import {
  FileDescriptorSetSchema,
  MethodOptions_IdempotencyLevel as IdempotencyLevel,
} from "@bufbuild/protobuf/wkt";
import type { Reason } from "../gen/gatewright/v1/errors.ts";

/** The descriptors of everything in `proto`, vendored files included. */
export const registry: FileRegistry = createFileRegistry(
  fromBinary(
    FileDescriptorSetSchema,
    readFileSync(new URL("../gen/contract.binpb", import.meta.url)),
  ),
);

/** The package that is Gatewright's own; its services are those that the gateway relays. */
export const ownPackage = "gatewright.v1";

/** The domain of the google.rpc.ErrorInfo that carries a reason. */
export const errorDomain = "gatewright";

/** Gatewright's services, in the order of their files. */
export const services: readonly DescService[] = [...registry].filter(
  (desc): desc is DescService => desc.kind === "service" && desc.file.proto.package === ownPackage,
);

/** The name of a reason without its enum's prefix, as code throws it and google.rpc.ErrorInfo sends it. */
export type ReasonName = Exclude<keyof typeof Reason, "UNRECOGNIZED">;

/** How a reason is answered; the fields are those of `Answer` in errors.proto. */
export interface Answer {
  readonly word: string;
  readonly http: number;
  readonly grpc: number;
  readonly sentence: string;
  readonly members: readonly string[];
  readonly numbers: readonly string[];
  readonly code: string;
}

/** A google.api.HttpRule. */
export interface HttpRule {
  readonly pattern: {
    readonly case: "get" | "put" | "post" | "delete" | "patch";
    readonly value: string;
  };
  readonly body: string;
  readonly responseBody: string;
  readonly additionalBindings: readonly HttpRule[];
}

/** How a method is exchanged; the fields are those of `Exchange` in exchange.proto. */
export interface Exchange {
  readonly refusals: readonly ReasonName[];
  readonly form: "json" | "urlencoded" | "either";
  readonly listener: "public" | "admin";
  readonly success: number;
  /** True when a repeated call does no harm, so that clients and channels may retry it. */
  readonly idempotent: boolean;
  readonly maxAge: number;
  /** Whether refusals over REST have the number of their reason. */
  readonly numbered: boolean;
  /** Whether a request may be as large as the setting `secure_message` asks for. */
  readonly large: boolean;
  /** For how many seconds a request may ask to `wait` for its answer; 0 where it has no such field. */
  readonly longestWait: number;
}

/** Gives an extension of the contract by its full name. A name that is not there is a fault. */
function extension(name: string): DescExtension {
  const desc = registry.getExtension(name);
  if (!desc) throw new Error(`the contract has no extension ${name}`);
  return desc;
}

/** Gives a message of our own package by its name. A name that is not there is a fault. */
export function messageOf(name: string): DescMessage {
  const desc = registry.getMessage(`${ownPackage}.${name}`);
  if (!desc) throw new Error(`the contract has no message ${name}`);
  return desc;
}

/** Gives the value of one of the contract's options on a descriptor; an absent one is its type's zero. */
export const optionOf = (desc: AnyDesc, name: string): unknown =>
  getOption(desc as never, extension(name) as never);

const reasonEnum = registry.getEnum(`${ownPackage}.Reason`);
if (!reasonEnum) throw new Error("the contract has no reasons");
const reasonName = (enumName: string): ReasonName => enumName.replace(/^REASON_/, "") as ReasonName;
const reasonNames = new Map(reasonEnum.values.map((v) => [v.number, reasonName(v.name)]));

/** Every reason with its answer, in the order of errors.proto. */
export const answers: ReadonlyMap<ReasonName, Answer> = new Map(
  reasonEnum.values.map((value) => [
    reasonName(value.name),
    optionOf(value, `${ownPackage}.answer`) as Answer,
  ]),
);

/** Gives the answer to a reason. */
export const answerTo = (reason: ReasonName): Answer => answers.get(reason) as Answer;

/** Gives the sentence for a reason: the words of its row and, behind a colon, the fact `detail`. */
export const sentenceOf = (reason: ReasonName, detail: string | undefined): string =>
  detail === undefined
    ? `${answerTo(reason).sentence}.`
    : `${answerTo(reason).sentence}: ${detail}.`;

/** Reasons with which any method may refuse, beside those of its own exchange. */
export const commonRefusals: readonly ReasonName[] = [
  "REQUEST_INVALID",
  "UNAVAILABLE",
  "RATE_LIMITED",
];

/** Gives the HTTP rules of a method, the additional ones included; empty when it has none. */
export function httpRules(method: DescMethod): readonly HttpRule[] {
  const rule = optionOf(method, "google.api.http") as HttpRule;
  return rule.pattern.case ? [rule, ...rule.additionalBindings] : [];
}

interface RawExchange {
  readonly refusals: readonly number[];
  readonly form: number;
  readonly listener: number;
  readonly success: number;
  readonly maxAge: number;
  readonly numbered: boolean;
  readonly large: boolean;
}

interface NumberRules {
  readonly type: { readonly value?: { readonly lessThan: { readonly value?: number } } };
}

function longestWait({ input, name }: DescMethod): number {
  const field = input.fields.find((candidate) => candidate.name === "wait");
  if (!field) return 0;
  const { value } = (optionOf(field, "buf.validate.field") as NumberRules).type;
  if (value?.lessThan.value === undefined) throw new Error(`wait of ${name} has no bound`);
  return value.lessThan.value;
}

/** Gives the exchange of a method. */
export function exchangeOf(method: DescMethod): Exchange {
  const raw = optionOf(method, `${ownPackage}.exchange`) as RawExchange;
  return {
    refusals: raw.refusals.map((n) => reasonNames.get(n) as ReasonName),
    form: (["json", "urlencoded", "either"] as const)[raw.form] ?? "json",
    listener: raw.listener === 1 ? "admin" : "public",
    success: raw.success || (method.output.fields.length === 0 ? 204 : 200),
    idempotent: method.idempotency !== IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
    maxAge: raw.maxAge,
    numbered: raw.numbered,
    large: raw.large,
    longestWait: longestWait(method),
  };
}
