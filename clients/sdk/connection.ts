// The server as the SDK reaches it: the services of the contract by Connect over fetch.
import { AuthenticatorServiceDefinition } from "../../gen/gatewright/v1/authenticator.ts";
import { DeviceServiceDefinition } from "../../gen/gatewright/v1/device.ts";
import { MobileDeviceServiceDefinition } from "../../gen/gatewright/v1/mobile_auth.ts";
import { RegistrationServiceDefinition } from "../../gen/gatewright/v1/registration.ts";
import { TokenServiceDefinition } from "../../gen/gatewright/v1/token.ts";
import type { CallOptions, Client } from "../client.ts";
import { createClient } from "../client.ts";
import { webWire } from "../web.ts";
import { SdkError } from "./error.ts";
import type { Names } from "./refusals.ts";
import { sdkErrorOf } from "./refusals.ts";
import type { SdkOptions } from "./types.ts";

/** The services that an app calls. */
export interface Services {
  readonly devices: Client<DeviceServiceDefinition>;
  readonly registrations: Client<RegistrationServiceDefinition>;
  readonly tokens: Client<TokenServiceDefinition>;
  readonly authenticators: Client<AuthenticatorServiceDefinition>;
  readonly mobile: Client<MobileDeviceServiceDefinition>;
}

/** The way to the server. */
export interface Connection {
  readonly services: Services;
  /**
   * Makes a call within the time that a call may take, and ends it when `signal` aborts. Throws what `refusals` and
   * `names` make of a refusal, and of a server that is not reached.
   */
  call<T>(
    signal: AbortSignal,
    make: (options: CallOptions) => Promise<T>,
    names?: Names,
  ): Promise<T>;
  /** Milliseconds that the clock of the device is ahead, by the last answer; undefined when none had the time. */
  aheadMs(): number | undefined;
  /** The time by the clock of the server, as far as it is known: what it signs and what it checks goes by that. */
  serverTime(): Date;
}

const usualTimeoutMs = 20_000;

/** Gives the base URL of the server: what stands before the `/oauth` of its issuer. */
function baseOf(issuer: string): string {
  const base = URL.canParse(issuer) && /^(https?:\/\/[^?#@]+)\/oauth$/.exec(issuer)?.[1];
  if (base) return base;
  throw new SdkError("CONFIGURATION_ERROR", "The issuer has to be a URL that ends with /oauth.");
}

/** Gives the way to the server of the options. Throws CONFIGURATION_ERROR for an issuer that is no URL of one. */
export function connect(options: SdkOptions): Connection {
  const { send = fetch, now = Date.now, timeoutMs = usualTimeoutMs } = options;
  let ahead: number | undefined;
  const wire = webWire(baseOf(options.issuer), async (url, init) => {
    const response = await send(url, init);
    const date = Date.parse(response.headers.get("date") ?? "");
    ahead = Number.isNaN(date) ? undefined : now() - date;
    return response;
  });
  return {
    services: {
      devices: createClient(DeviceServiceDefinition, wire),
      registrations: createClient(RegistrationServiceDefinition, wire),
      tokens: createClient(TokenServiceDefinition, wire),
      authenticators: createClient(AuthenticatorServiceDefinition, wire),
      mobile: createClient(MobileDeviceServiceDefinition, wire),
    },
    async call(signal, make, names) {
      try {
        return await make({ signal, timeoutMs });
      } catch (error) {
        throw sdkErrorOf(error, names);
      }
    },
    aheadMs: () => ahead,
    serverTime: () => new Date(now() - (ahead ?? 0)),
  };
}
