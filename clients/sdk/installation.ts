// The installation of the app at the server: it registers, proves itself, and says what changed about it.
import type { GetAppConfigurationResponse } from "../../gen/gatewright/v1/device.ts";
import { assertionOf, assertionType, keyIdOf } from "./assertion.ts";
import type { Connection } from "./connection.ts";
import { SdkError } from "./error.ts";
import type { InstallationRecord, Records } from "./records.ts";
import type { SdkOptions } from "./types.ts";

/** What the server offers to the app. */
export type Configuration = GetAppConfigurationResponse;

/** What proves the installation in one call. */
export interface Proof {
  readonly clientAssertionType: string;
  readonly clientAssertion: string;
}

/** What an installation is made of. */
export interface Installation {
  readonly options: SdkOptions;
  readonly connection: Connection;
  readonly records: Records;
  /** Ends what the installation does for all actions together. */
  readonly life: AbortSignal;
}

/** What an app says of its installation and may change. */
const toldOf = ({ version, device = {} }: SdkOptions) => ({
  softwareVersion: version,
  deviceName: device.name,
  deviceModel: device.model,
  deviceOsVersion: device.osVersion,
});

async function register(installation: Installation): Promise<void> {
  const { options, connection, records, life } = installation;
  const key = await options.storage.signingKey();
  const jwk = { ...key.publicJwk, kid: await keyIdOf(key), use: "sig", alg: "ES256" };
  const told = toldOf(options);
  const request = {
    ...told,
    softwareId: options.application,
    devicePlatform: options.device?.platform,
    tokenEndpointAuthMethod: "private_key_jwt",
    jwks: { keys: [jwk] },
  };
  const { devices } = connection.services;
  const { clientId } = await connection.call(life, (call) => devices.registerDevice(request, call));
  await records.putInstallation({ clientId, told: JSON.stringify(told) });
}

async function tellChange(installation: Installation, record: InstallationRecord): Promise<void> {
  const { options, connection, records, life } = installation;
  const told = toldOf(options);
  if (record.told === JSON.stringify(told)) return;
  const request = { ...told, ...(await prove(installation)) };
  const { devices } = connection.services;
  await connection.call(life, (call) => devices.updateDevice(request, call));
  await records.putInstallation({ ...record, told: JSON.stringify(told) });
}

/**
 * Registers the installation unless it is registered, and then says what changed about it. Throws
 * DEVICE_REGISTRATION_ERROR when the server does not take it, OUTDATED_APP. Source: RFC 7591, D-60, D-65.
 */
export const establish = (installation: Installation): Promise<void> =>
  installation.options.storage.exclusively(async () => {
    const record = await installation.records.installation();
    if (record) await tellChange(installation, record);
    else await register(installation);
  });

/** Gives a proof for one call. Throws DEVICE_DEREGISTERED when there is no installation, and wipes nothing. */
export async function prove({ options, records }: Installation): Promise<Proof> {
  const record = await records.installation();
  if (!record) throw new SdkError("DEVICE_DEREGISTERED", "The app is not registered.");
  const { storage, issuer, now = Date.now } = options;
  const about = { clientId: record.clientId, audience: issuer, now: now() };
  const clientAssertion = await assertionOf(await storage.signingKey(), about);
  return { clientAssertionType: assertionType, clientAssertion };
}

/** Asks the server what it offers. */
export async function askConfiguration(installation: Installation): Promise<Configuration> {
  const { connection, life } = installation;
  const { clientAssertion } = await prove(installation);
  const headers = { authorization: `Bearer ${clientAssertion}` };
  return connection.call(life, (call) =>
    connection.services.devices.getAppConfiguration({}, { ...call, headers }),
  );
}
