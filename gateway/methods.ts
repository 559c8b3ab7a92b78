// The methods of the contract, as the gateway sorts them.
import type { DescMethod, DescMethodServerStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import type { Exchange } from "../proto/contract.ts";
import { exchangeOf, services } from "../proto/contract.ts";

/** Gives the methods that a listener serves, in the order of the contract. */
export const methodsOf = (listener: Exchange["listener"]): readonly DescMethod[] =>
  services
    .flatMap((service) => service.methods)
    .filter((method) => exchangeOf(method).listener === listener);

/** Tells whether a method has one request and one answer. */
export const isUnary = (method: DescMethod): method is DescMethodUnary =>
  method.methodKind === "unary";

/** Tells whether a method has one request and a stream of answers. */
export const isServerStream = (method: DescMethod): method is DescMethodServerStreaming =>
  method.methodKind === "server_streaming";

/** Gives the path of a method on every wire of gRPC's family: `/package.Service/Method`. */
export const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;
