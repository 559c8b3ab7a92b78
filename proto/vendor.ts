// Prints buf/validate/validate.proto from the descriptor that @bufbuild/protovalidate carries, so that
// rules compile without a schema registry. Options are left out: only the compiler reads this file,
// and at run time the package's own descriptor counts.
import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { file_buf_validate_validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

const indent = (lines: string[]): string[] => lines.map((line) => `  ${line}`);
const block = (head: string, body: string[]): string[] => [`${head} {`, ...indent(body), "}"];

const typeName = (field: FieldDescriptorProto): string =>
  field.type === Type.MESSAGE || field.type === Type.ENUM
    ? field.typeName
    : Type[field.type].toLowerCase();

const labels: Partial<Record<Label, string>> = {
  [Label.REPEATED]: "repeated ",
  [Label.REQUIRED]: "required ",
};

const fieldLine = (field: FieldDescriptorProto, owner?: DescriptorProto): string => {
  const entry = owner?.nestedType.find(
    (nested) => nested.options?.mapEntry && field.typeName.endsWith(`.${nested.name}`),
  );
  if (entry) {
    const [key, value] = entry.field.map(typeName);
    return `map<${key}, ${value}> ${field.name} = ${field.number};`;
  }
  return `${labels[field.label] ?? "optional "}${typeName(field)} ${field.name} = ${field.number};`;
};

const enumLines = (desc: EnumDescriptorProto): string[] =>
  block(`enum ${desc.name}`, [
    ...(desc.options?.allowAlias ? ["option allow_alias = true;"] : []),
    ...desc.value.map((value) => `${value.name} = ${value.number};`),
    ...desc.reservedRange.map((range) => `reserved ${range.start} to ${range.end};`),
  ]);

const inOneof = (field: FieldDescriptorProto): boolean =>
  Object.hasOwn(field, "oneofIndex") && field.oneofIndex !== undefined && !field.proto3Optional;

const extensionEnd = (end: number): string => (end > 500_000_000 ? "max" : String(end - 1));

const messageLines = (desc: DescriptorProto): string[] =>
  block(`message ${desc.name}`, [
    ...desc.oneofDecl.flatMap((oneof, index) => {
      const members = desc.field.filter((f) => inOneof(f) && f.oneofIndex === index);
      const bare = (f: FieldDescriptorProto) => `${typeName(f)} ${f.name} = ${f.number};`;
      return members.length > 0 ? block(`oneof ${oneof.name}`, members.map(bare)) : [];
    }),
    ...desc.field.filter((field) => !inOneof(field)).map((field) => fieldLine(field, desc)),
    ...desc.nestedType.filter((nested) => !nested.options?.mapEntry).flatMap(messageLines),
    ...desc.enumType.flatMap(enumLines),
    ...desc.extensionRange.map((r) => `extensions ${r.start} to ${extensionEnd(r.end)};`),
    ...desc.reservedRange.map((r) => `reserved ${r.start} to ${r.end - 1};`),
    ...desc.reservedName.map((name) => `reserved "${name}";`),
  ]);

/** Gives the text of validate.proto. */
export function validateProto(): string {
  const file = file_buf_validate_validate.proto;
  return [
    "// Printed from the descriptor in @bufbuild/protovalidate by proto/vendor.ts; do not edit.",
    `syntax = "${file.syntax || "proto2"}";`,
    `package ${file.package};`,
    ...file.dependency.map((name) => `import "${name}";`),
    ...file.enumType.flatMap(enumLines),
    ...file.messageType.flatMap(messageLines),
    ...file.extension.flatMap((ext) => block(`extend ${ext.extendee}`, [fieldLine(ext)])),
    "",
  ].join("\n");
}
