// App installations: what dynamic client registration made.
import { sql } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { revocation } from "./revocation.ts";
import type { InstallationTable } from "./schema.ts";
import { compileOnce } from "./statement.ts";

/** An app installation. What the app did not say about its device is null. */
export interface Installation {
  readonly clientId: string;
  readonly applicationId: string;
  readonly softwareVersion: string;
  /** Text of its JSON Web Key Set (RFC 7517 section 5), as whoever added it wrote it. */
  readonly jwks: string;
  readonly deviceName: string | null;
  readonly devicePlatform: string | null;
  readonly deviceModel: string | null;
  readonly deviceOsVersion: string | null;
  readonly createdAt: Milliseconds;
  readonly lastSeenAt: Milliseconds | null;
}

/** What an app says anew of its installation; what is undefined stays. */
export interface InstallationChange {
  readonly softwareVersion?: string | undefined;
  readonly deviceName?: string | undefined;
  readonly deviceModel?: string | undefined;
  readonly deviceOsVersion?: string | undefined;
}

/** The installations. */
export interface Installations {
  /** Adds an installation; its client id must be new. Source: RFC 7591 section 3.2.1. */
  add(installation: Installation): Promise<void>;
  /** Gives the installation with this client id, or undefined when there is none. */
  find(clientId: string): Promise<Installation | undefined>;
  /** Gives those of some client ids that are installations. */
  known(clientIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Changes an installation, and notes that it was seen; false when there is none. */
  update(clientId: string, change: InstallationChange, now: Milliseconds): Promise<boolean>;
  /**
   * Ends an installation in one atomic step: it goes with all its profiles and what hangs on them, and
   * its token families are revoked for `reason`. False when there was none.
   */
  remove(clientId: string, reason: string, now: Milliseconds): Promise<boolean>;
}

/** Gives the installations in the durable store. */
export function installationsIn(durable: Durable): Installations {
  const add = compileOnce<InstallationTable>((slots) =>
    durable.db.insertInto("installation").values({
      client_id: slots.client_id,
      application_id: slots.application_id,
      software_version: slots.software_version,
      jwks: slots.jwks,
      device_name: slots.device_name,
      device_platform: slots.device_platform,
      device_model: slots.device_model,
      device_os_version: slots.device_os_version,
      created_at: slots.created_at,
      last_seen_at: slots.last_seen_at,
    }),
  );
  const update = compileOnce<UpdatedColumns & { clientId: string }>((slots) =>
    durable.db
      .updateTable("installation")
      .set(({ fn, ref }) => ({
        software_version: fn.coalesce(text(slots.software_version), ref("software_version")),
        device_name: fn.coalesce(text(slots.device_name), ref("device_name")),
        device_model: fn.coalesce(text(slots.device_model), ref("device_model")),
        device_os_version: fn.coalesce(text(slots.device_os_version), ref("device_os_version")),
        last_seen_at: slots.last_seen_at,
      }))
      .where("client_id", "=", slots.clientId),
  );
  const end = endingIn(durable);
  const find = compileOnce<{ clientId: string }, InstallationTable>((slots) =>
    durable.db.selectFrom("installation").selectAll().where("client_id", "=", slots.clientId),
  );
  return {
    async add(installation) {
      await durable.touched(
        add({
          client_id: installation.clientId,
          application_id: installation.applicationId,
          software_version: installation.softwareVersion,
          jwks: installation.jwks,
          device_name: installation.deviceName,
          device_platform: installation.devicePlatform,
          device_model: installation.deviceModel,
          device_os_version: installation.deviceOsVersion,
          created_at: installation.createdAt,
          last_seen_at: installation.lastSeenAt,
        }),
      );
    },
    async find(clientId) {
      const [row] = await durable.rows(find({ clientId }));
      return row && installationOf(row);
    },
    async known(clientIds) {
      if (clientIds.length === 0) return new Set();
      const rows = await durable.db
        .selectFrom("installation")
        .select("client_id")
        .where("client_id", "in", clientIds)
        .execute();
      return new Set(rows.map((row) => row.client_id));
    },
    async update(clientId, change, now) {
      const statement = update({
        clientId,
        software_version: change.softwareVersion ?? null,
        device_name: change.deviceName ?? null,
        device_model: change.deviceModel ?? null,
        device_os_version: change.deviceOsVersion ?? null,
        last_seen_at: now,
      });
      return (await durable.touched(statement)) === 1;
    },
    async remove(clientId, reason, now) {
      const [removed] = await durable.unit([
        // The installation first: it is what several callers wait for.
        { query: end.installation({ clientId }) },
        { query: end.profiles({ clientId }) },
        { query: end.families({ clientId, reason, now }) },
      ]);
      return Number(removed?.numAffectedRows ?? 0n) === 1;
    },
  };
}

function endingIn({ db }: Durable) {
  return {
    installation: compileOnce<{ clientId: string }>((slots) =>
      db.deleteFrom("installation").where("client_id", "=", slots.clientId),
    ),
    profiles: compileOnce<{ clientId: string }>((slots) =>
      db.deleteFrom("profile").where("client_id", "=", slots.clientId),
    ),
    families: compileOnce<{ clientId: string; reason: string; now: number }>((slots) =>
      revocation(db, slots).where("client_id", "=", slots.clientId),
    ),
  };
}

// PostgreSQL cannot guess the type of a parameter that may be null.
const text = (value: string | null) => sql<string | null>`cast(${value} as text)`;

interface UpdatedColumns {
  readonly software_version: string | null;
  readonly device_name: string | null;
  readonly device_model: string | null;
  readonly device_os_version: string | null;
  readonly last_seen_at: number;
}

const installationOf = (row: InstallationTable): Installation => ({
  clientId: row.client_id,
  applicationId: row.application_id,
  softwareVersion: row.software_version,
  jwks: row.jwks,
  deviceName: row.device_name,
  devicePlatform: row.device_platform,
  deviceModel: row.device_model,
  deviceOsVersion: row.device_os_version,
  createdAt: row.created_at as Milliseconds,
  lastSeenAt: row.last_seen_at as Milliseconds | null,
});
