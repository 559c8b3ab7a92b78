// The mask: values of sensitive properties are found in texts in whatever form they stand there.
import assert from "node:assert/strict";
import fc from "fast-check";
import { maskOf, type Properties } from "../../server/engine/mask.ts";
import { shownText } from "../../server/engine/recording.ts";
import { formsOf, writeForm } from "../../server/engine/secret_forms.ts";

const sensitive = (...values: readonly string[]): Properties =>
  new Map(values.map((value, index) => [`p${index}`, { value, sensitive: true }]));

const bytesOf = (text: string): Buffer => Buffer.from(text);

describe("the mask (D-26)", () => {
  const secret = 'pa"ss/wörd\\ +?&1';
  const json = (text: string): string => JSON.stringify(text).slice(1, -1);
  const forms: readonly [form: string, text: string][] = [
    ["plain", secret],
    ["in JSON", json(secret)],
    ["in JSON in JSON", json(json(secret))],
    ["in JSON in JSON in JSON", json(json(json(secret)))],
    ["in JSON with escaped slashes", json(secret).replaceAll("/", "\\/")],
    ["percent-encoded", encodeURIComponent(secret)],
    [
      "percent-encoded in lower case",
      encodeURIComponent(secret).replace(/%../g, (c) => c.toLowerCase()),
    ],
    ["as a form field", new URLSearchParams({ k: secret }).toString().slice(2)],
    ["in a URL whose reserved characters stay", encodeURI(secret)],
    ["in hex", bytesOf(secret).toString("hex")],
    ["in upper-case hex", bytesOf(secret).toString("hex").toUpperCase()],
  ];
  for (const [form, text] of forms) {
    it(`finds a value ${form}`, () => {
      assert.equal(maskOf(sensitive(secret))(`a ${text} b`), "a [masked] b");
    });
  }

  it("finds a value in base64 and base64url, whatever stands before and after it", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6, maxLength: 40 }),
        fc.uint8Array({ maxLength: 12 }),
        fc.uint8Array({ maxLength: 12 }),
        fc.constantFrom("base64" as const, "base64url" as const),
        (value, before, after, encoding) => {
          const bytes = bytesOf(value);
          const text = Buffer.concat([before, bytes, after]).toString(encoding);
          const shown = maskOf(sensitive(value))(text);
          assert.ok(shown.includes("[masked]"), text);
          // What is left are the neighbours, and bits of at most one byte on each side.
          const left = shown.replaceAll("[masked]", "").length;
          assert.ok(left <= Math.ceil(((before.length + after.length) * 4) / 3) + 8, shown);
        },
      ),
    );
  });

  it("finds the user and password of HTTP Basic, and a value inside of an encoded body", () => {
    const mask = maskOf(sensitive("s3cr3t-value"));
    const basic = bytesOf("client-7:s3cr3t-value").toString("base64");
    assert.match(mask(`Basic ${basic}`), /^Basic Y2xpZW50LTc6\[masked\]$/);
    const body = bytesOf(JSON.stringify({ key: "s3cr3t-value", more: 1 })).toString("base64url");
    assert.match(mask(body), /\[masked\]/);
  });

  it("finds the bytes that a value in hex or base64 stands for", () => {
    const bytes = bytesOf("\u0001\u0002key material\u007f");
    const hex = maskOf(sensitive(bytes.toString("hex")));
    assert.match(hex(bytes.toString("base64")), /^\[masked\].{0,4}$/);
    const base64 = maskOf(sensitive(bytes.toString("base64")));
    assert.equal(base64(bytes.toString("hex")), "[masked]");
  });

  it("finds short values plain and in JSON only", () => {
    const mask = maskOf(sensitive('a"b'));
    assert.equal(mask('a"b'), "[masked]");
    assert.equal(mask('a\\"b'), "[masked]");
    assert.equal(mask(bytesOf('a"b').toString("hex")), bytesOf('a"b').toString("hex"));
  });

  it("takes the longer of two values, so that nothing is left of it", () => {
    const mask = maskOf(sensitive("secret", "secret-and-more", "and-more-of-it"));
    assert.equal(mask("secret-and-more secret"), "[masked] [masked]");
  });

  it("leaves texts alone without sensitive values, and for empty ones", () => {
    const open: Properties = new Map([["p", { value: "visible", sensitive: false }]]);
    for (const properties of [new Map(), open, sensitive("")]) {
      const mask = maskOf(properties);
      assert.equal(mask("visible"), "visible");
      assert.equal(mask.beginning("visible"), "visible");
      assert.equal(mask.split("visible"), "visible");
    }
  });

  it("masks what may be the beginning of a value at the end of a cut text", () => {
    const mask = maskOf(sensitive("secret-value"));
    assert.equal(mask.beginning("a secret-value and secret-va"), "a [masked] and [masked]");
    assert.equal(mask.beginning("a secret-value and more"), "a [masked] and more");
  });

  it("splits a text so that its secrets can be put back exactly, in each form", () => {
    const value = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.nat()),
        (values, numbers) => {
          const properties = sensitive(...values);
          const mask = maskOf(properties);
          const forms = values.flatMap((one) => [...formsOf(one).values()]);
          const pick = (): string => forms[numbers.next().value % forms.length] ?? "";
          const text = `${pick()}#${pick()}\n${pick()}${pick()}`;
          const split = mask.split(text);
          assert.notEqual(typeof split, "string");
          assert.equal(shownText(split), mask(text));
          const parts = typeof split === "string" ? [split] : split;
          const restored = parts.map((part) =>
            typeof part === "string"
              ? part
              : writeForm(part[1], properties.get(part[0])?.value ?? ""),
          );
          assert.equal(restored.join(""), text);
        },
      ),
    );
  });
});
