// An app installation becomes an OAuth client.
import type {
  RegisterDeviceRequest,
  RegisterDeviceResponse,
} from "../../gen/gatewright/v1/device.ts";
import type { Milliseconds } from "../core/clock.ts";
import { toSeconds } from "../core/clock.ts";
import { uuid } from "../core/id.ts";
import { Refusal } from "../core/refusal.ts";
import { jwksText, readJwks } from "../identity/client_keys.ts";
import type { World } from "./world.ts";

const hour = 3_600_000 as Milliseconds;

const refuse = (detail: string): never => {
  throw new Refusal("CLIENT_METADATA_INVALID", { detail });
};

async function limit(world: World, peer: string): Promise<void> {
  const { registrationsPerHour } = world.policy;
  if (registrationsPerHour === undefined) return;
  const count = await world.store.ephemeral.increment("rate_limit", `register:${peer}`, hour);
  if (count > registrationsPerHour) throw new Refusal("RATE_LIMITED", { retry_after: "3600" });
}

/**
 * Registers an app installation with the one key that will authenticate it, and names its OAuth client.
 * Throws CLIENT_METADATA_INVALID for an unknown application, one that takes no registrations, another
 * authentication method, or a key that is not one public P-256 key; RATE_LIMITED when the address
 * registered too many within the hour. Source: RFC 7591 section 3, D-60, D-65, SEC-16.
 */
export async function registerDevice(
  world: World,
  request: RegisterDeviceRequest,
  peer: string,
): Promise<RegisterDeviceResponse> {
  const application = world.configuration().applications.get(request.softwareId);
  if (application?.dynamicRegistration !== true) {
    return refuse("software_id names no application that takes registrations");
  }
  const method = request.tokenEndpointAuthMethod ?? "private_key_jwt";
  if (method !== "private_key_jwt")
    return refuse("token_endpoint_auth_method takes private_key_jwt");
  const keys = readJwks(request.jwks);
  if (keys.length !== 1) return refuse("jwks takes exactly one key");
  await limit(world, peer);
  const now = world.clock.now();
  const clientId = uuid();
  await world.store.installations.add({
    clientId,
    applicationId: application.id,
    softwareVersion: request.softwareVersion ?? "",
    jwks: jwksText(keys),
    deviceName: request.deviceName ?? null,
    devicePlatform: request.devicePlatform ?? null,
    deviceModel: request.deviceModel ?? null,
    deviceOsVersion: request.deviceOsVersion ?? null,
    createdAt: now,
    lastSeenAt: null,
  });
  return {
    clientId,
    clientIdIssuedAt: toSeconds(now),
    softwareId: application.id,
    softwareVersion: request.softwareVersion,
    jwks: { keys },
    tokenEndpointAuthMethod: method,
    grantTypes: application.refreshTokens === true ? ["refresh_token"] : [],
    deviceName: request.deviceName,
    devicePlatform: request.devicePlatform,
    deviceModel: request.deviceModel,
    deviceOsVersion: request.deviceOsVersion,
  };
}
