// The server and a phone with a real gpg, which know each other's keys.
import assert from "node:assert/strict";
import { openOpenPgp } from "../../server/identity/open_pgp/door.ts";
import type { OpenPgp, OpenPgpKey, OpenPgpPublicKey } from "../../server/identity/open_pgp.ts";
import type { Gpg, GpgKeyParts } from "../support/gpg.ts";
import { openGpg } from "../support/gpg.ts";

/** A server and a phone. */
export interface Pair extends AsyncDisposable {
  readonly openPgp: OpenPgp;
  readonly gpg: Gpg;
  readonly server: OpenPgpKey;
  readonly phone: OpenPgpPublicKey;
  /** Makes one more key of a phone and gives it as the server keeps it, whose id is its fingerprint. */
  enrolled(parts?: GpgKeyParts): Promise<OpenPgpPublicKey>;
}

/** Opens both, each with a fresh key. */
export async function openPair(): Promise<Pair> {
  await using opened = new AsyncDisposableStack();
  const openPgp = opened.use(openOpenPgp());
  const gpg = opened.use(openGpg());
  const server = await openPgp.generateKey();
  await gpg.import(server.publicKey);
  const enrolled: Pair["enrolled"] = async (parts) => {
    const fingerprint = await gpg.makeKey(parts);
    const checked = await openPgp.checkKey(await gpg.publicKey(fingerprint));
    assert.ok(checked.kind === "accepted", JSON.stringify(checked));
    assert.equal(checked.fingerprint, fingerprint);
    return { id: fingerprint, publicKey: checked.publicKey };
  };
  const phone = await enrolled();
  const all = opened.move();
  return {
    openPgp,
    gpg,
    server,
    phone,
    enrolled,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
