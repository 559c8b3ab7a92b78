// What the server does by itself: expired data goes, signing keys rotate.
import type { Milliseconds } from "../core/clock.ts";
import type { KeyRing, SigningKeyRow } from "../identity/signing_keys.ts";
import { generateSigningKey, nextRotation, openKeyRing } from "../identity/signing_keys.ts";
import type { World } from "./world.ts";

/** A signing key signs for this long before the next one takes over. */
const keyPeriod = (90 * 24 * 3_600_000) as Milliseconds;

type KeyPorts = Pick<World, "store"> & { readonly identity: Pick<World["identity"], "sealer"> };

async function keyRows({ store }: Pick<World, "store">): Promise<SigningKeyRow[]> {
  return (await store.signingKeys.list()).map((key) => ({
    kid: key.kid,
    publicJwk: JSON.stringify(key.publicJwk),
    sealedPrivateJwk: key.sealedPrivate,
    activeFrom: key.activeFrom,
    retiredAt: key.retiredAt ?? undefined,
    expiresAt: key.expiresAt ?? undefined,
  }));
}

/** Reads and opens the signing keys of this moment. */
export const readKeyRing = async (ports: KeyPorts): Promise<KeyRing> =>
  openKeyRing(await keyRows(ports), ports.identity.sealer);

/**
 * Makes a signing key that signs from an instant on and gives its thumbprint; undefined when the first one
 * of all is wanted, without an `author`, and another process was first. The event of a later one is
 * written with it.
 */
export async function addKey(
  world: World,
  activeFrom: Milliseconds,
  author: string | undefined,
): Promise<string | undefined> {
  const row = await generateSigningKey(world.identity.sealer, activeFrom);
  const key = {
    kid: row.kid,
    publicJwk: JSON.parse(row.publicJwk) as Record<string, unknown>,
    sealedPrivate: row.sealedPrivateJwk,
    createdAt: world.clock.now(),
    activeFrom,
  };
  if (author === undefined) {
    return (await world.store.signingKeys.addFirst(key)) ? row.kid : undefined;
  }
  const details = { kid: row.kid, active_from: activeFrom };
  const event = { type: "JWT_KEYS_ROTATED", agent: author, details } as const;
  await world.store.signingKeys.add(key, world.events.carried(event, world.origin));
  return row.kid;
}

/**
 * Brings the signing keys to where the present moment wants them: a first key on the first start, a
 * successor in time, retirement and removal. Any process may do it at any time; the store lets only one
 * of two first keys in. Source: SEC-18, D-61.
 */
export async function tendKeys(world: World): Promise<void> {
  const { store, identity, policy, clock, log } = world;
  const now = clock.now();
  const rows = await keyRows(world);
  const due = nextRotation(rows, now, {
    period: keyPeriod,
    announcement: policy.keyAnnouncement,
    retention: policy.keyRetention,
  });
  if (due.create !== undefined) {
    const kid = await addKey(world, due.create, rows.length === 0 ? undefined : "server");
    if (kid) log.info("signing key made", { kid, active_from: due.create });
  }
  for (const { kid, retiredAt = now, expiresAt = now } of due.retire) {
    await store.signingKeys.retire(kid, retiredAt, expiresAt);
  }
  for (const kid of due.remove) await store.signingKeys.remove(kid);
  await identity.refreshKeyRing();
}
