// How many deliveries there are at a time: what may be claimed never exceeds a bound, whatever is claimed.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { UnderWay } from "../../../server/flows/callbacks/under_way.ts";
import { openUnderWay } from "../../../server/flows/callbacks/under_way.ts";

interface Held {
  readonly url: string;
  end(): Promise<void>;
}

/** Holds a delivery that ends when it is told to. */
function held(underWay: UnderWay, url: string): Held {
  const { promise, resolve } = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  underWay.hold(url, promise, gone.resolve);
  return {
    url,
    end() {
      resolve();
      return gone.promise;
    },
  };
}

describe("deliveries under way", () => {
  it("leave room for so many to a URL, and none for one that has them", async () => {
    const underWay = openUnderWay({ perUrl: 2, inAll: 10 });
    assert.deepEqual(underWay.room(), { limit: 2, except: [] });
    const first = held(underWay, "a");
    assert.deepEqual(underWay.room(), { limit: 1, except: [] });
    held(underWay, "a");
    assert.deepEqual(underWay.room(), { limit: 2, except: ["a"] });
    held(underWay, "b");
    assert.deepEqual(underWay.room(), { limit: 1, except: ["a"] });
    await first.end();
    assert.deepEqual(underWay.room(), { limit: 1, except: [] });
  });

  it("leave no room beyond those in all", async () => {
    const underWay = openUnderWay({ perUrl: 2, inAll: 3 });
    const all = ["a", "b", "c"].map((url) => held(underWay, url));
    assert.equal(underWay.room().limit, 0);
    await all[0]?.end();
    assert.equal(underWay.room().limit, 1);
  });

  it("are waited for", async () => {
    const underWay = openUnderWay({ perUrl: 2, inAll: 3 });
    const one = held(underWay, "a");
    let isDrained = false;
    const drained = underWay.drained().then(() => {
      isDrained = true;
    });
    await new Promise(setImmediate);
    assert.equal(isDrained, false);
    await one.end();
    await drained;
  });

  it("keep their bounds through any walk of claims and ends", async () => {
    const urls = ["a", "b", "c", "d"];
    const step = fc.oneof(
      fc.record({ claim: fc.array(fc.constantFrom(...urls), { maxLength: 8 }) }),
      fc.record({ end: fc.nat(40) }),
    );
    const walk = async (steps: readonly ({ claim: string[] } | { end: number })[]) => {
      const underWay = openUnderWay({ perUrl: 3, inAll: 7 });
      const all: Held[] = [];
      for (const one of steps) {
        if ("end" in one) await all.splice(one.end % (all.length + 1), 1)[0]?.end();
        else {
          const { limit, except } = underWay.room();
          const given = one.claim.filter((url) => !except.includes(url)).slice(0, limit);
          all.push(...given.map((url) => held(underWay, url)));
        }
        assert(all.length <= 7);
        for (const url of urls) assert(all.filter((each) => each.url === url).length <= 3);
      }
      for (const one of all) await one.end();
      assert.deepEqual(underWay.room(), { limit: 3, except: [] });
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), walk));
  });
});
