// Which names a function or a script declares for itself, so that they mean nothing of the outside.
import type { Node } from "acorn";

/** The nodes right below a node. */
export const childrenOf = (node: Node): readonly Node[] =>
  Object.values(node).flatMap((value): readonly Node[] =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value;

/** A field of a node, when it is a node. */
export const nodeIn = (node: Node, field: string): Node | undefined => {
  const value: unknown = Reflect.get(node, field);
  return isNode(value) ? value : undefined;
};

/** A field of a node, when it is text. */
export const textIn = (node: Node, field: string): string | undefined => {
  const value: unknown = Reflect.get(node, field);
  return typeof value === "string" ? value : undefined;
};

/** A field of a node, when it is a list; holes of it are left out. */
export const nodesIn = (node: Node, field: string): readonly Node[] => {
  const value: unknown = Reflect.get(node, field);
  return Array.isArray(value) ? value.filter(isNode) : [];
};

/** True for every node that is a function with a scope of its own. */
export const isFunction = ({ type }: Node): boolean =>
  type === "FunctionDeclaration" ||
  type === "FunctionExpression" ||
  type === "ArrowFunctionExpression";

/** Which fields of a node hold patterns that bind names. */
const bindingFields: Readonly<Record<string, readonly string[]>> = {
  VariableDeclarator: ["id"],
  FunctionDeclaration: ["id"],
  ClassDeclaration: ["id"],
  ClassExpression: ["id"],
  CatchClause: ["param"],
  // An assignment without a declaration makes a global, and may as well be meant for one of ours.
  AssignmentExpression: ["left"],
};

/** The names that a pattern binds; the values it may take from elsewhere are none. */
const boundBy = (pattern: Node): readonly string[] => {
  if (pattern.type === "Identifier") return [textIn(pattern, "name") ?? ""];
  if (pattern.type === "MemberExpression") return [];
  if (pattern.type === "Property") return boundBy(nodeIn(pattern, "value") ?? pattern);
  if (pattern.type === "AssignmentPattern") return boundBy(nodeIn(pattern, "left") ?? pattern);
  return childrenOf(pattern).flatMap(boundBy);
};

/**
 * The names that a script or a function binds, those in its blocks with them: a name that only a block
 * binds is taken for bound in all of the function. Inner functions bind for themselves.
 */
export const namesBoundIn = (scope: Node): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (node: Node): void => {
    const fields = bindingFields[node.type] ?? [];
    for (const field of fields) {
      const pattern = nodeIn(node, field);
      for (const name of pattern ? boundBy(pattern) : []) names.add(name);
    }
    if (isFunction(node)) return;
    for (const child of childrenOf(node)) visit(child);
  };
  for (const parameter of nodesIn(scope, "params")) {
    for (const name of boundBy(parameter)) names.add(name);
  }
  if (scope.type === "FunctionExpression") {
    const name = nodeIn(scope, "id");
    if (name) names.add(textIn(name, "name") ?? "");
  }
  for (const child of childrenOf(scope)) visit(child);
  return names;
};
