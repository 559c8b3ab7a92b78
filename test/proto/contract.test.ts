// Laws of the contract that the compiler does not know, each of them seen broken in some JSON.
import assert from "node:assert/strict";
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { answers, exchangeOf, httpRules, services } from "../../proto/contract.ts";

const methods = services.flatMap((service) => service.methods);
const served = methods.filter((method) => httpRules(method).length > 0);

function messagesBelow(message: DescMessage, seen = new Set<DescMessage>()): Set<DescMessage> {
  if (seen.has(message) || message.typeName.startsWith("google.protobuf.")) return seen;
  seen.add(message);
  for (const field of message.fields) if (field.message) messagesBelow(field.message, seen);
  return seen;
}

const fieldsServed: DescField[] = [
  ...new Set(
    served.flatMap((method) => [...messagesBelow(method.input), ...messagesBelow(method.output)]),
  ),
].flatMap((message) => message.fields);

const wide = new Set<ScalarType | undefined>([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

describe("the contract", () => {
  it("has an HTTP rule for every method with one answer, and for no stream", () => {
    for (const method of methods) {
      assert.equal(httpRules(method).length > 0, method.methodKind === "unary", method.name);
    }
  });

  it("has no 64-bit number in what REST shows, where it would be a string", () => {
    assert.deepEqual(fieldsServed.filter((field) => wide.has(field.scalar)).map(String), []);
  });

  it("has no enum in what REST shows, where its words would be in capitals", () => {
    assert.deepEqual(fieldsServed.filter((field) => field.enum !== undefined).map(String), []);
  });

  it("serves each path with one method", () => {
    const places = methods.flatMap((method) =>
      httpRules(method).map(({ pattern }) => `${pattern.case} ${pattern.value}`),
    );
    assert.equal(new Set(places).size, places.length);
  });

  it("gives each reason a word, statuses that fit each other, and a sentence", () => {
    for (const [reason, { word, http, grpc, sentence }] of answers) {
      assert.match(word, /^[a-z][a-z_]+$/, reason);
      assert.ok(http >= 400 && http < 600, reason);
      assert.ok(grpc > 0 && grpc <= 16, reason);
      // A server's failure is one on every wire: INTERNAL or UNAVAILABLE.
      assert.equal(http >= 500, grpc === 13 || grpc === 14, reason);
      assert.match(sentence, /^[A-Z].*[^.]$/, reason);
    }
  });

  it("keeps administration off the public listener (SEC-82)", () => {
    for (const method of methods) {
      const isAdmin = /^((Script|Callback)?Admin|Audit)Service$/.test(method.parent.name);
      assert.equal(exchangeOf(method).listener, isAdmin ? "admin" : "public", method.name);
    }
  });
});
