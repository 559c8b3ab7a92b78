// What a caller of Gatewright imports: a typed client, its wires, and the services of the contract.
export { AdminServiceDefinition } from "../gen/gatewright/v1/admin.ts";
export { DeviceServiceDefinition } from "../gen/gatewright/v1/device.ts";
export { RegistrationServiceDefinition } from "../gen/gatewright/v1/registration.ts";
export { TokenServiceDefinition } from "../gen/gatewright/v1/token.ts";
export { basicAuthorization } from "./basic_authorization.ts";
export type { CodeName, ReasonName } from "./call_error.ts";
export { CallError, codeNames } from "./call_error.ts";
export type { CallOptions, Client, ServiceDefinition, Wire, WireCall } from "./client.ts";
export { createClient } from "./client.ts";
export type { GrpcWire } from "./grpc.ts";
export { grpcWire } from "./grpc.ts";
export type { Send } from "./web.ts";
export { webWire } from "./web.ts";
