// Finds the Java names in a script: package paths, Java.type and its like, and where they stand.
import type { Node } from "acorn";
import { childrenOf, isFunction, namesBoundIn, nodeIn, nodesIn, textIn } from "./bindings.ts";

/**
 * A Java name in a script. `mustBeClass` tells a name that is used as a class from one that may be a
 * package; `atTopLevel` one that is reached while the script is loaded, outside of every function.
 */
export interface JavaName {
  readonly path: string;
  readonly offset: number;
  readonly mustBeClass: boolean;
  readonly atTopLevel: boolean;
}

/** Where package paths begin. */
const roots: ReadonlySet<string> = new Set([
  "Packages",
  "com",
  "edu",
  "io",
  "java",
  "javax",
  "net",
  "org",
]);

/** What takes packages and classes to import. */
const importers: ReadonlySet<string> = new Set(["JavaImporter", "importClass", "importPackage"]);

type Use = "value" | "class" | "import";

interface Scope {
  readonly names: ReadonlySet<string>;
  readonly outer: Scope | undefined;
  readonly isTop: boolean;
}

const isBound = (name: string, scope: Scope | undefined): boolean =>
  scope !== undefined && (scope.names.has(name) || isBound(name, scope.outer));

const literalText = (node: Node | undefined): string | undefined =>
  node?.type === "Literal" ? textIn(node, "value") : undefined;

/** The names of `a.b["c"]` from its root, undefined when one of them is computed. */
const chainOf = (node: Node): readonly string[] | undefined => {
  if (node.type === "Identifier") return [textIn(node, "name") ?? ""];
  if (node.type !== "MemberExpression") return undefined;
  const [object, property] = [nodeIn(node, "object"), nodeIn(node, "property")];
  const isComputed = Reflect.get(node, "computed") === true;
  const name = isComputed ? literalText(property) : property && textIn(property, "name");
  const chain = object && chainOf(object);
  return chain === undefined || name === undefined ? undefined : [...chain, name];
};

/** A class has a capital letter at its start, and so has no package. */
const namesClass = (chain: readonly string[]): boolean =>
  chain.some((name) => /^\p{Lu}/u.test(name));

/**
 * Gives the Java names of a script in the order of its text. Names that the script binds itself are
 * none, and neither are names that it computes or reaches through a variable. Throws a RangeError for
 * a tree that is nested too deep. Source: D-27.
 */
export const javaNamesIn = (program: Node): readonly JavaName[] => {
  const found: JavaName[] = [];

  const note = (node: Node, chain: readonly string[], use: Use, scope: Scope): boolean => {
    const [root = "", ...rest] = chain;
    if (!roots.has(root) || isBound(root, scope)) return false;
    const names = root === "Packages" ? rest : chain;
    const isClass = use === "class" || names.at(-1) === "class" || namesClass(names);
    if (names.length > 0 && (isClass || use === "import")) {
      const path = names.join(".").replace(/\.class$/, "");
      found.push({ path, offset: node.start, mustBeClass: isClass, atTopLevel: scope.isTop });
    }
    return true;
  };

  /** Java.type("a.b.C") and Java.to(values, "a.b.C") name their class in a string. */
  const noteNamed = (node: Node, scope: Scope): void => {
    const callee = nodeIn(node, "callee");
    const [object, method] = (callee && chainOf(callee)) ?? [];
    if (object !== "Java" || isBound("Java", scope)) return;
    const at = { type: 0, to: 1 }[String(method)];
    const text = at === undefined ? undefined : nodesIn(node, "arguments")[at];
    const name = literalText(text);
    if (text === undefined || name === undefined) return;
    const path = name.replace(/(\[\])+$/, "").replaceAll("$", ".");
    if (!path.includes(".")) return;
    found.push({ path, offset: text.start, mustBeClass: true, atTopLevel: scope.isTop });
  };

  const visit = (node: Node, use: Use, scope: Scope): void => {
    if (node.type === "MemberExpression") {
      const chain = chainOf(node);
      if (chain !== undefined && note(node, chain, use, scope)) return;
    }
    if (node.type === "CallExpression") noteNamed(node, scope);
    const inner = isFunction(node)
      ? { names: namesBoundIn(node), outer: scope, isTop: false }
      : { ...scope, isTop: scope.isTop && !isLaterField(node) };
    const callee = nodeIn(node, "callee");
    const imports = callee !== undefined && importers.has(chainOf(callee)?.at(-1) ?? "");
    for (const child of childrenOf(node)) {
      const plain = imports ? "import" : "value";
      visit(child, child === callee ? "class" : plain, inner);
    }
  };

  visit(program, "value", { names: namesBoundIn(program), outer: undefined, isTop: true });
  return found.toSorted((one, other) => one.offset - other.offset);
};

/** A field of instances gets its value when one is made; a static one while the script is loaded. */
const isLaterField = (node: Node): boolean =>
  node.type === "PropertyDefinition" && Reflect.get(node, "static") !== true;
