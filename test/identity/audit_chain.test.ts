// What proves the chain of events: every part counts, and no proof stands for another.
import assert from "node:assert/strict";
import { auditChain } from "../../server/identity/audit_chain.ts";
import { derive, masterKey } from "../../server/identity/master_key.ts";

const chainOf = (byte: number) =>
  auditChain(derive(masterKey(new Uint8Array(32).fill(byte)), "audit_chain"));

describe("auditChain (SEC-77)", () => {
  const chain = chainOf(1);
  const ends = { lastSeq: 2, lastMac: "b", removedSeq: 1, removedMac: "a" };
  const checkpoint = { seq: 12, at: 1_800_000_000_000, mac: chain.mac("", 12, "{}") };

  it("gives the same proof for the same, and another for anything else", () => {
    const proofs = [
      chain.mac("", 1, "{}"),
      chain.mac("a", 1, "{}"),
      chain.mac("", 2, "{}"),
      chain.mac("", 1, "{ }"),
      chain.mac("1", 1, "1{}"),
      chainOf(2).mac("", 1, "{}"),
      chain.seal(ends),
      ...Object.keys(ends).map((name) => chain.seal({ ...ends, [name]: 9 })),
    ];
    assert.equal(new Set(proofs).size, proofs.length);
    assert.equal(chain.mac("", 1, "{}"), proofs[0]);
    for (const proof of proofs) assert.match(proof, /^[\w-]{43}$/);
  });

  it("reads a checkpoint that it wrote", () => {
    const text = chain.writeCheckpoint(checkpoint);
    assert.match(text, /^gw1\.12\.1800000000000\.[\w-]{43}\.[\w-]{43}$/);
    assert.deepEqual(chain.readCheckpoint(text), checkpoint);
    const none = { seq: 0, at: 1, mac: "" };
    assert.deepEqual(chain.readCheckpoint(chain.writeCheckpoint(none)), none);
  });

  it("reads no checkpoint of another key, and none with any character changed", () => {
    const text = chain.writeCheckpoint(checkpoint);
    assert.equal(chainOf(2).readCheckpoint(text), undefined);
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === "1" ? "2" : "1";
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      assert.equal(chain.readCheckpoint(changed), undefined, changed);
    }
    for (const bad of ["", " ", `${text}\n`, ` ${text}`, text.slice(4), `${text}.${text}`]) {
      assert.equal(chain.readCheckpoint(bad), undefined);
    }
  });
});
