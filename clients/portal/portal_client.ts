// What a web portal asks of the server: backchannel, mobile authentication, introspection.
import type {
  AvailableAuthenticationType,
  GetMobileAuthenticationResponse,
  StartMobileAuthenticationRequest,
  StartMobileAuthenticationResponse,
} from "../../gen/gatewright/v1/mobile_auth.ts";
import { MobileAuthenticationServiceDefinition } from "../../gen/gatewright/v1/mobile_auth.ts";
import type { RunBackchannelResponse } from "../../gen/gatewright/v1/registration.ts";
import { RegistrationServiceDefinition } from "../../gen/gatewright/v1/registration.ts";
import type { IntrospectTokenResponse } from "../../gen/gatewright/v1/token.ts";
import { TokenServiceDefinition } from "../../gen/gatewright/v1/token.ts";
import { basicAuthorization } from "../basic_authorization.ts";
import { CallError } from "../call_error.ts";
import type { CallOptions, Wire } from "../client.ts";
import { createClient } from "../client.ts";
import type { MobileAuthenticationEnd, WaitOptions } from "./mobile_authentication_end.ts";
import { mobileAuthenticationEnd } from "./mobile_authentication_end.ts";

/** Who a portal is, and how it reaches the server. */
export interface PortalOptions {
  /** Of `grpcWire` or `webWire`; whoever opened it closes it. */
  readonly wire: Wire;
  /** The API client. */
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What a mobile authentication by one-time password is started with. */
export type MobileAuthenticationRequest = { readonly type: string } & Readonly<
  Pick<
    StartMobileAuthenticationRequest,
    "message" | "secureMessage" | "callbackUri" | "languageCode" | "ipAddress" | "userAgent"
  >
>;

/** What may be said of one call. */
export type PortalCall = Pick<CallOptions, "signal" | "timeoutMs">;

/** The verbs of a portal. Each fails with a `CallError` only. */
export interface PortalClient {
  /** Runs the backchannel script of an identity provider; its status may say no. Source: product 3.6. */
  backchannel(
    identityProvider: string,
    data?: string,
    call?: PortalCall,
  ): Promise<RunBackchannelResponse>;
  /** Asks what a token is good for (RFC 7662). */
  introspect(token: string, call?: PortalCall): Promise<IntrospectTokenResponse>;
  /** Gives the types with which a user can be asked now. */
  authenticationTypes(
    userId: string,
    call?: PortalCall,
  ): Promise<readonly AvailableAuthenticationType[]>;
  /** Starts a mobile authentication; `otp` of the answer is what the phone scans. Source: product 5.2. */
  startMobileAuthentication(
    request: MobileAuthenticationRequest,
    call?: PortalCall,
  ): Promise<StartMobileAuthenticationResponse>;
  /** Gives the result of one that has ended, such as after a callback; undefined when it was not answered yet. */
  mobileAuthentication(
    transactionId: string,
    call?: PortalCall,
  ): Promise<GetMobileAuthenticationResponse | undefined>;
  /** Waits for its end. */
  awaitMobileAuthentication(
    transactionId: string,
    options?: WaitOptions,
  ): Promise<MobileAuthenticationEnd>;
}

/** Gives the client of a portal, which authenticates by HTTP Basic at every call. */
export function portalClient({ wire, clientId, clientSecret }: PortalOptions): PortalClient {
  const headers = basicAuthorization(clientId, clientSecret);
  const registration = createClient(RegistrationServiceDefinition, wire);
  const tokens = createClient(TokenServiceDefinition, wire);
  const service = createClient(MobileAuthenticationServiceDefinition, wire);
  return {
    backchannel: (idp, data, call) =>
      registration.runBackchannel({ idp, data }, { ...call, headers }),
    introspect: (token, call) => tokens.introspectToken({ token }, { ...call, headers }),
    async authenticationTypes(userId, call) {
      const { enabled } = await service.listUserAuthenticationTypes(
        { userId },
        { ...call, headers },
      );
      return enabled;
    },
    startMobileAuthentication: (request, call) =>
      service.startMobileAuthentication(request, { ...call, headers }),
    async mobileAuthentication(transactionId, call) {
      try {
        return await service.getMobileAuthentication({ transactionId }, { ...call, headers });
      } catch (error) {
        const isEarly =
          error instanceof CallError && error.reason === "MOBILE_AUTHENTICATION_NOT_ANSWERED";
        if (isEarly) return undefined;
        throw error;
      }
    },
    awaitMobileAuthentication: (transactionId, options) =>
      mobileAuthenticationEnd({ service, headers, transactionId }, options),
  };
}
