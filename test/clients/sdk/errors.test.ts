// Every documented error of the SDK: which test provokes it, or why nothing can.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { sdkErrorCodes } from "../../../clients/sdk/error.ts";
import { errorRows, testOf } from "./proofs.ts";

describe("the errors of the SDK", () => {
  for (const [name, row] of Object.entries(errorRows)) {
    if (typeof row === "string") continue;
    it(`have a test that provokes ${name}`, () => {
      assert.ok(testOf(...row).includes(`"${name}"`), `the test does not name ${name}`);
    });
  }

  it("have each a number and a row", () => {
    assert.deepEqual(Object.keys(errorRows).toSorted(), Object.keys(sdkErrorCodes).toSorted());
    assert.equal(new Set(Object.values(sdkErrorCodes)).size, Object.keys(sdkErrorCodes).length);
  });

  it("that cannot occur are thrown nowhere", () => {
    const folder = new URL("../../../clients/sdk/", import.meta.url);
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".ts") && name !== "error.ts",
    );
    const sources = names.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
    const thrown = Object.keys(sdkErrorCodes).filter((name) => sources.includes(`"${name}"`));
    const expected = Object.entries(errorRows).flatMap(([name, row]) =>
      typeof row === "string" ? [] : [name],
    );
    assert.deepEqual(thrown.toSorted(), expected.toSorted());
  });
});
