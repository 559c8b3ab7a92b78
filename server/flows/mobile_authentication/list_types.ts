// The types with which a user can be asked.
import type {
  ListDeviceAuthenticationTypesRequest,
  ListDeviceAuthenticationTypesResponse,
  ListUserAuthenticationTypesRequest,
  ListUserAuthenticationTypesResponse,
} from "../../../gen/gatewright/v1/mobile_auth.ts";
import type { MobileAuthenticationType } from "../../../gen/gatewright/v1/setup.ts";
import type { Credentials } from "../authenticate.ts";
import { readId } from "../devices/named.ts";
import type { Ends } from "../events/noted.ts";
import { noted } from "../events/noted.ts";
import type { World } from "../world.ts";
import { methodOf } from "./methods.ts";
import { portalCaller, portalRefused } from "./portal_caller.ts";

const ends: Ends<unknown> = { refused: portalRefused, answered: () => undefined };

/** Whom a portal would ask: a user, perhaps on one device. */
interface Asked {
  readonly userId: string;
  readonly deviceId?: string;
}

/** Gives all types when the user has an enrolment in an application that offers mobile authentication. */
async function available(
  world: World,
  { userId, deviceId }: Asked,
): Promise<readonly MobileAuthenticationType[]> {
  const user = readId("user_id", userId);
  const device = deviceId === undefined ? undefined : readId("device_id", deviceId);
  const enrolledIn = await world.store.mobileEnrolments.applications(user, device);
  const { applications, types } = world.configuration();
  const canBeAsked = enrolledIn.some((id) => applications.get(id)?.mobileAuthentication === true);
  return canBeAsked ? [...types.values()] : [];
}

/**
 * Lists the names of the types with which a user can be asked on a device; none when the user is not enrolled
 * there, or not known. Throws CLIENT_CREDENTIALS_REJECTED, MOBILE_AUTHENTICATION_FORBIDDEN,
 * MOBILE_AUTHENTICATION_DISABLED. Source: Mobile authentication API version 4, Availability; D-50.
 */
export async function listDeviceAuthenticationTypes(
  world: World,
  request: ListDeviceAuthenticationTypesRequest,
  credentials: Credentials,
): Promise<ListDeviceAuthenticationTypesResponse> {
  return noted(world, ends, {}, async (know) => {
    await portalCaller(world, credentials, know);
    return { enabled: (await available(world, request)).map(({ name }) => name) };
  });
}

/**
 * Lists the types with which a user can be asked on some device, with their methods. Otherwise as
 * listDeviceAuthenticationTypes. Source: Mobile authentication API version 4, Availability; D-50.
 */
export async function listUserAuthenticationTypes(
  world: World,
  { userId }: ListUserAuthenticationTypesRequest,
  credentials: Credentials,
): Promise<ListUserAuthenticationTypesResponse> {
  return noted(world, ends, {}, async (know) => {
    await portalCaller(world, credentials, know);
    const types = await available(world, { userId });
    return {
      enabled: types.map(({ name, method }) => ({ type: name, method: methodOf(method).name })),
    };
  });
}
