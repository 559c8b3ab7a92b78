// An app installation becomes an OAuth client.
import type {
  RegisterDeviceRequest,
  RegisterDeviceResponse,
} from "../../gen/gatewright/v1/device.ts";
import type { Application } from "../../gen/gatewright/v1/setup.ts";
import type { Milliseconds } from "../core/clock.ts";
import { toSeconds } from "../core/clock.ts";
import { uuid } from "../core/id.ts";
import { Refusal } from "../core/refusal.ts";
import { jwksText, readJwks } from "../identity/client_keys.ts";
import { nameOf } from "./client.ts";
import type { Standing } from "./devices/version.ts";
import { mayDo, standingOf } from "./devices/version.ts";
import type { EventType } from "./events/event_types.ts";
import { implicitGrantType } from "./grants/implicit_authentication.ts";
import { addressKey } from "./limits.ts";
import type { World } from "./world.ts";

const hour = 3_600_000 as Milliseconds;

const refuse = (detail: string): never => {
  throw new Refusal("CLIENT_METADATA_INVALID", { detail });
};

async function limit(world: World): Promise<void> {
  const { registrationsPerHour } = world.policy;
  if (registrationsPerHour === undefined) return;
  const key = `register:${addressKey(world)}`;
  const count = await world.store.ephemeral.increment("rate_limit", key, hour);
  if (count > registrationsPerHour) throw new Refusal("RATE_LIMITED", { retry_after: "3600" });
}

/** Gives the application of a registration and its one key. Throws CLIENT_METADATA_INVALID. */
function readMetadata(world: World, request: RegisterDeviceRequest) {
  const application = world.configuration().applications.get(request.softwareId);
  if (application?.dynamicRegistration !== true) {
    return refuse("software_id names no application that takes registrations");
  }
  const method = request.tokenEndpointAuthMethod ?? "private_key_jwt";
  if (method !== "private_key_jwt")
    return refuse("token_endpoint_auth_method takes private_key_jwt");
  const keys = readJwks(request.jwks);
  if (keys.length !== 1) return refuse("jwks takes exactly one key");
  return { application, method, keys };
}

const blocked = ({ status, isUnknown }: Standing): EventType => {
  if (isUnknown) return "DYNAMIC_REG_PLATFORM_VERSION_UNKNOWN";
  return status === "LOGIN_ONLY"
    ? "DYNAMIC_REG_NEW_REGISTRATIONS_DISABLED"
    : "DYNAMIC_REG_VERSION_DISABLED";
};

const grantTypesOf = ({ refreshTokens, implicitAuthentication }: Application): string[] => [
  ...(refreshTokens === true ? ["refresh_token"] : []),
  ...(implicitAuthentication === true ? [implicitGrantType] : []),
];

/**
 * Registers an app installation with the one key that will authenticate it, and names its OAuth client.
 * Throws CLIENT_METADATA_INVALID for an unknown application, one that takes no registrations, another
 * authentication method, or a key that is not one public P-256 key; VERSION_DISABLED for a version that
 * may not register; RATE_LIMITED when the address registered too many within the hour.
 * Source: RFC 7591 section 3, D-60, D-65, SEC-16.
 */
export async function registerDevice(
  world: World,
  request: RegisterDeviceRequest,
): Promise<RegisterDeviceResponse> {
  const application = world.configuration().applications.get(request.softwareId);
  const about = {
    application: application && nameOf(application),
    details: { version: request.softwareVersion, platform: request.devicePlatform },
  };
  // Nobody has to prove anything to fail here, so failures have the budget of their address.
  const fail = (type: EventType): void =>
    world.events.addFailure({ type, ...about }, world.origin, world.limits);
  try {
    const registered = await register(world, request, fail);
    const { clientId } = registered;
    world.events.add({ type: "DYNAMIC_REG_SUCCESS", clientId, ...about }, world.origin);
    return registered;
  } catch (error) {
    if (error instanceof Refusal && error.reason === "CLIENT_METADATA_INVALID") {
      fail("DYNAMIC_REG_FAILED_INVALID_METADATA");
    }
    throw error;
  }
}

async function register(
  world: World,
  request: RegisterDeviceRequest,
  fail: (type: EventType) => void,
): Promise<RegisterDeviceResponse> {
  const { application, method, keys } = readMetadata(world, request);
  const installed = { version: request.softwareVersion, platform: request.devicePlatform };
  const standing = standingOf(application, installed);
  if (!mayDo(standing.status, "registration")) {
    fail(blocked(standing));
    throw new Refusal("VERSION_DISABLED");
  }
  await limit(world);
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
    grantTypes: grantTypesOf(application),
    deviceName: request.deviceName,
    devicePlatform: request.devicePlatform,
    deviceModel: request.deviceModel,
    deviceOsVersion: request.deviceOsVersion,
  };
}
