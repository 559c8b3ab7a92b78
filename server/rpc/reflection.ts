// gRPC server reflection over the compiled contract: every descriptor as the compiler wrote it.
import type { DescFile } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import * as grpc from "@grpc/grpc-js";
import {
  ServerReflectionRequest,
  ServerReflectionResponse,
} from "../../gen/grpc/reflection/v1/reflection.ts";
import { registry, services } from "../../proto/contract.ts";

type Query = NonNullable<ServerReflectionRequest["messageRequest"]>;
type Answer = NonNullable<ServerReflectionResponse["messageResponse"]>;

const refused = (errorCode: number, errorMessage: string): Answer => ({
  $case: "errorResponse",
  value: { errorCode, errorMessage },
});

/** Gives a file with everything it needs, itself first. */
function withDependencies(root: DescFile | undefined): Answer {
  if (!root) return refused(grpc.status.NOT_FOUND, "the contract has no such thing");
  const found = new Set<DescFile>([root]);
  for (const file of found) for (const dependency of file.dependencies) found.add(dependency);
  const fileDescriptorProto = [...found].map((file) =>
    toBinary(FileDescriptorProtoSchema, file.proto),
  );
  return { $case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

/** The file that declares a symbol: a type or service by its full name, or a member of one. */
const declaring = (symbol: string): DescFile | undefined =>
  (registry.get(symbol) ?? registry.get(symbol.slice(0, symbol.lastIndexOf("."))))?.file;

const extensionsOf = (type: string) =>
  [...registry].filter((desc) => desc.kind === "extension" && desc.extendee.typeName === type);

const queries: { [K in Query["$case"]]: (value: Extract<Query, { $case: K }>["value"]) => Answer } =
  {
    listServices: () => ({
      $case: "listServicesResponse",
      value: { service: services.map(({ typeName }) => ({ name: typeName })) },
    }),
    fileByFilename: (name) => withDependencies(registry.getFile(name.replace(/\.proto$/, ""))),
    fileContainingSymbol: (symbol) => withDependencies(declaring(symbol)),
    fileContainingExtension: ({ containingType, extensionNumber }) =>
      withDependencies(
        extensionsOf(containingType).find(
          (desc) => desc.kind === "extension" && desc.number === extensionNumber,
        )?.file,
      ),
    allExtensionNumbersOfType: (type) => ({
      $case: "allExtensionNumbersResponse",
      value: {
        baseTypeName: type,
        extensionNumber: extensionsOf(type).map((d) => (d.kind === "extension" ? d.number : 0)),
      },
    }),
  };

function answer(request: ServerReflectionRequest): ServerReflectionResponse {
  const query = request.messageRequest;
  const run = query && (queries[query.$case] as (value: unknown) => Answer);
  return {
    validHost: request.host,
    originalRequest: request,
    messageResponse: run ? run(query.value) : refused(grpc.status.UNIMPLEMENTED, "no such query"),
  };
}

/** Adds the reflection service, in both versions that tools ask for. Source: grpc.reflection.v1. */
export function reflection(server: grpc.Server): void {
  for (const version of ["v1", "v1alpha"]) {
    const method: grpc.MethodDefinition<ServerReflectionRequest, ServerReflectionResponse> = {
      path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      requestStream: true,
      responseStream: true,
      requestSerialize: (message) => Buffer.from(ServerReflectionRequest.encode(message).finish()),
      requestDeserialize: (bytes) => ServerReflectionRequest.decode(bytes),
      responseSerialize: (message) =>
        Buffer.from(ServerReflectionResponse.encode(message).finish()),
      responseDeserialize: (bytes) => ServerReflectionResponse.decode(bytes),
    };
    server.addService(
      { ServerReflectionInfo: method },
      {
        ServerReflectionInfo(
          stream: grpc.ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>,
        ) {
          stream.on("data", (request: ServerReflectionRequest) => stream.write(answer(request)));
          stream.on("end", () => stream.end());
        },
      },
    );
  }
}
