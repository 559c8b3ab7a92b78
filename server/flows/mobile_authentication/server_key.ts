// The OpenPGP key of the server, which all processes share.
import type { OpenPgp, OpenPgpKey } from "../../identity/open_pgp.ts";
import type { StoredOpenPgpKey } from "../../store/open_pgp_keys.ts";
import type { World } from "../world.ts";

/** What the key stands on. */
interface Ports extends Pick<World, "store" | "clock"> {
  readonly identity: Pick<World["identity"], "sealer">;
  readonly openPgp: OpenPgp;
}

/** The record that the private key is sealed for. */
const recordOf = (fingerprint: string): string => `open_pgp_key/${fingerprint}`;

/** Makes a key, and gives the one that stands: another process may have been first. */
async function addFirst({ store, clock, identity, openPgp }: Ports): Promise<StoredOpenPgpKey> {
  const { id: fingerprint, publicKey, privateKey } = await openPgp.generateKey();
  return store.openPgpKeys.addFirst({
    fingerprint,
    publicKey,
    sealedPrivate: identity.sealer.seal(recordOf(fingerprint), privateKey),
    createdAt: clock.now(),
  });
}

async function readKey(ports: Ports): Promise<OpenPgpKey> {
  const stored = (await ports.store.openPgpKeys.find()) ?? (await addFirst(ports));
  const { fingerprint, publicKey, sealedPrivate } = stored;
  const privateKey = ports.identity.sealer.open(recordOf(fingerprint), sealedPrivate);
  return { id: fingerprint, publicKey, privateKey };
}

/**
 * Gives what reads the key, or makes the first one of all, and remembers it. Callers who come meanwhile
 * share the one that is under way; a failure is not remembered. Source: D-53, SEC-19.
 */
export const openPgpKeyOf = (ports: Ports): (() => Promise<OpenPgpKey>) => {
  let known: Promise<OpenPgpKey> | undefined;
  return () => {
    known ??= readKey(ports).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
};
