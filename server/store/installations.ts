// App installations: what dynamic client registration made.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
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

/** The installations. */
export interface Installations {
  /** Adds an installation; its client id must be new. Source: RFC 7591 section 3.2.1. */
  add(installation: Installation): Promise<void>;
  /** Gives the installation with this client id, or undefined when there is none. */
  find(clientId: string): Promise<Installation | undefined>;
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
  };
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
