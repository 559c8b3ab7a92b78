// The laws of the records of executions: each is there once, lists and marks miss none, sweeping takes
// the oldest.
import assert from "node:assert/strict";
import type { Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds } from "../../../server/core/clock.ts";
import { uuid } from "../../../server/core/id.ts";
import type { Durable } from "../../../server/store/durable.ts";
import { openDurable } from "../../../server/store/durable.ts";
import type {
  ExecutionFilter,
  ExecutionRecord,
  Executions,
} from "../../../server/store/executions.ts";
import { executionsIn } from "../../../server/store/executions.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";

const start = milliseconds(1_800_000_000_000);
const at = (ms: number): Milliseconds => milliseconds(start + ms);
const long = milliseconds(3_600_000);

/** An id whose order is that of `number`. */
const idOf = (number: number): string =>
  `${number.toString(16).padStart(8, "0")}-0000-7000-8000-000000000000`;

const record = (number: number, changes: Partial<ExecutionRecord> = {}): ExecutionRecord => ({
  id: idOf(number),
  script: "identity_providers/qr/complete",
  version: 3,
  recordedAt: at(number),
  failed: false,
  summary: `{"n":${number}}`,
  detail: "{}",
  recording: null,
  ...changes,
});

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Describes the laws of executions for one way to keep data. */
export function executionLaws(row: StoreRow): void {
  describe(`executions in ${row.name} (D-32)`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let durable: Durable;
    let executions: Executions;

    before(async function () {
      place = await openOrSkip(row, this);
      durable = await openDurable(place.durable);
      executions = executionsIn(durable);
    });
    beforeEach(() => durable.db.deleteFrom("execution").execute());
    after(async () => {
      await durable?.[Symbol.asyncDispose]();
      await place?.cleanup();
    });

    const listed = async (
      filter: ExecutionFilter = {},
      before?: string,
      limit = 1_000,
    ): Promise<string[]> => (await executions.list(filter, before, limit)).map(({ id }) => id);

    it("are given back as they were written", async () => {
      const one = record(1, {
        failed: true,
        version: 0,
        detail: JSON.stringify({ log: ["\u0000 \ud800 é \u{1f511}"] }),
        recording: "s1.sealed",
      });
      const other = record(2);
      await executions.add([one, other]);
      assert.deepEqual(await executions.get([one.id]), [one]);
      assert.deepEqual(await executions.get([uuid()]), []);
      assert.deepEqual(await executions.get([]), []);
      const both = await executions.get([one.id, uuid(), other.id]);
      assert.equal(both.length, 2);
      const { detail, recording, ...summary } = other;
      assert.deepEqual((await executions.list({}, undefined, 1))[0], summary);
    });

    it("stay as they were when a batch is written again", async () => {
      await executions.add([record(1), record(2)]);
      await executions.add([record(2, { summary: "{}" }), record(3)]);
      assert.deepEqual(await listed(), [idOf(3), idOf(2), idOf(1)]);
      assert.equal((await executions.get([idOf(2)]))[0]?.summary, record(2).summary);
    });

    it("are listed newest first, page by page, none twice and none left out", async () => {
      await executions.add(
        numbers(1, 25)
          .toReversed()
          .map((number) => record(number)),
      );
      const seen: string[] = [];
      for (let before: string | undefined; ; ) {
        const page = await listed({}, before, 10);
        seen.push(...page);
        before = page.at(-1);
        // What is written meanwhile is above the page.
        await executions.add([record(1_000 + seen.length)]);
        if (page.length < 10) break;
      }
      assert.deepEqual(seen, numbers(1, 25).toReversed().map(idOf));
    });

    it("are listed by script and by failure", async () => {
      await executions.add([
        record(1),
        record(2, { script: "other" }),
        record(3, { failed: true }),
        record(4, { script: "other", failed: true }),
      ]);
      assert.deepEqual(await listed({ script: "other" }), [idOf(4), idOf(2)]);
      assert.deepEqual(await listed({ failed: true }), [idOf(4), idOf(3)]);
      assert.deepEqual(await listed({ script: "other", failed: true }), [idOf(4)]);
      assert.deepEqual(await listed({ script: "othe" }), []);
    });

    it("are found in the order of writing, whatever their ids", async () => {
      const late = record(1, { recordedAt: at(50) });
      const together = [record(7, { recordedAt: at(40) }), record(6, { recordedAt: at(40) })];
      await executions.add([late, ...together, record(9, { recordedAt: at(30) })]);
      const marks = async (ms: number, id: string, filter: ExecutionFilter = {}, limit = 10) =>
        (await executions.since({ recordedAt: at(ms), id }, filter, limit)).map((mark) => mark.id);
      assert.deepEqual(await marks(29, ""), [idOf(9), idOf(6), idOf(7), idOf(1)]);
      assert.deepEqual(await marks(40, idOf(6)), [idOf(7), idOf(1)]);
      assert.deepEqual(await marks(30, idOf(9), {}, 2), [idOf(6), idOf(7)]);
      assert.deepEqual(await marks(0, "", { script: "other" }), []);
      assert.deepEqual(await marks(0, "", { failed: true }), []);
      assert.deepEqual(await executions.since({ recordedAt: at(50), id: "" }, {}, 1), [
        { recordedAt: at(50), id: late.id },
      ]);
    });

    describe("when they are swept", () => {
      const sweep = (ms: number, age: Milliseconds, kept: number): Promise<number> =>
        executions.sweep(at(ms), age, kept);

      it("go at their age, and not before", async () => {
        await executions.add(numbers(1, 350).map((number) => record(number)));
        assert.equal(await sweep(300, milliseconds(50), 1_000), 250);
        assert.equal((await listed()).at(-1), idOf(251));
        assert.equal(await sweep(300, milliseconds(50), 1_000), 0);
      });

      // Around the sizes of its steps.
      for (const [there, kept] of [
        [1_250, 1_001],
        [1_250, 1_000],
        [350, 100],
        [100, 100],
        [99, 100],
        [0, 100],
      ] as const) {
        it(`leave the newest ${kept} of ${there}`, async () => {
          for (let first = 1; first <= there; first += 250) {
            const batch = numbers(first, Math.min(there, first + 249));
            await executions.add(batch.map((number) => record(number)));
          }
          assert.equal(await sweep(there, long, kept), Math.max(0, there - kept));
          const left = numbers(Math.max(1, there - kept + 1), there).toReversed();
          assert.deepEqual(await listed({}, undefined, 2_000), left.map(idOf));
        });
      }

      it("by several at once, go once", async () => {
        await executions.add(numbers(1, 600).map((number) => record(number)));
        const swept = await Promise.all([1, 2, 3].map(() => sweep(600, long, 100)));
        assert.equal(
          swept.reduce((sum, count) => sum + count, 0),
          500,
        );
        assert.equal((await listed()).length, 100);
      });
    });
  });
}
