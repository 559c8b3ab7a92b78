// The table of verbs and errors: what it says is shown is shown, and the page is made of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { sdkErrorCodes } from "../../../clients/sdk/error.ts";
import { memoryStorage } from "../../../clients/sdk/storage/memory.ts";
import { openUserClient } from "../../../clients/sdk/user_client.ts";
import { page, pageFile } from "./page.ts";
import type { Verb } from "./proofs.ts";
import { absentCodes, errorRows, testOf, verbRows } from "./proofs.ts";

describe("the verbs of the SDK", () => {
  for (const [verb, [, ...row]] of Object.entries(verbRows)) {
    it(`have a test that uses ${verb}`, () => {
      assert.match(testOf(...row), new RegExp(`\\.${verb}\\b`));
    });
  }

  it("have each a row", () => {
    const issuer = "https://id.example.com/oauth";
    const about = { issuer, application: "app", version: "1", storage: memoryStorage() };
    const verbs = Object.keys(openUserClient(about)) as Verb[];
    assert.deepEqual(verbs.toSorted(), Object.keys(verbRows).toSorted());
  });
});

describe("docs/sdk.md", () => {
  it("is what node test/clients/sdk/page.ts writes", () => {
    assert.equal(readFileSync(pageFile, "utf8"), page());
  });

  it("has every number once", () => {
    const numbers = [...page().matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
    const expected = [
      ...Object.keys(errorRows).map((name) => sdkErrorCodes[name as keyof typeof errorRows]),
      ...Object.keys(absentCodes).map(Number),
    ];
    assert.deepEqual(
      numbers,
      expected.toSorted((one, other) => one - other),
    );
    assert.equal(new Set(numbers).size, numbers.length);
  });
});
