// The contract's messages as REST spells them: every field by its name in the contract, and by no
// other.
import type { DescMessage } from "@bufbuild/protobuf";
import { clone, create, createFileRegistry } from "@bufbuild/protobuf";
import type { DescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ownPackage, registry } from "../../proto/contract.ts";

const rename = (message: DescriptorProto): void => {
  for (const field of message.field) field.jsonName = field.name;
  message.nestedType.forEach(rename);
};

function renamed(file: FileDescriptorProto): FileDescriptorProto {
  if (file.package !== ownPackage) return file;
  const copy = clone(FileDescriptorProtoSchema, file);
  copy.messageType.forEach(rename);
  return copy;
}

// The JSON mapping of protobuf reads camelCase beside the contract's spelling. The product's
// documents know one spelling, and with two a field could be given twice; so the other one is taken
// out of the descriptors, where it then counts as any unknown name.
const spelled = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [...registry.files].map((file) => renamed(file.proto)) }),
);

/** Gives the message as REST spells it. Source: D-64, our decision: one spelling of each name. */
export function spelling(message: DescMessage): DescMessage {
  const found = spelled.getMessage(message.typeName);
  if (!found) throw new Error(`the contract has no ${message.typeName}`);
  return found;
}
