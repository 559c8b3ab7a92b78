// The typed client, with nothing but the platform: for browsers, and for Node where it does not speak gRPC.
export { AdminServiceDefinition } from "../gen/gatewright/v1/admin.ts";
export { AuditServiceDefinition } from "../gen/gatewright/v1/audit.ts";
export { AuthenticatorServiceDefinition } from "../gen/gatewright/v1/authenticator.ts";
export { CallbackAdminServiceDefinition } from "../gen/gatewright/v1/callback.ts";
export { DeviceServiceDefinition } from "../gen/gatewright/v1/device.ts";
export { EndUserServiceDefinition } from "../gen/gatewright/v1/end_user.ts";
export { EventServiceDefinition } from "../gen/gatewright/v1/event.ts";
export {
  MobileAuthenticationServiceDefinition,
  MobileDeviceServiceDefinition,
} from "../gen/gatewright/v1/mobile_auth.ts";
export { RegistrationServiceDefinition } from "../gen/gatewright/v1/registration.ts";
export { ScriptAdminServiceDefinition } from "../gen/gatewright/v1/script_admin.ts";
export { TokenServiceDefinition } from "../gen/gatewright/v1/token.ts";
export { basicAuthorization } from "./basic_authorization.ts";
export type { CodeName, ReasonName } from "./call_error.ts";
export { CallError, codeNames, codeOf } from "./call_error.ts";
export type { CallOptions, Client, ServiceDefinition, Wire, WireCall } from "./client.ts";
export { createClient } from "./client.ts";
export type { Send } from "./web.ts";
export { webWire } from "./web.ts";
