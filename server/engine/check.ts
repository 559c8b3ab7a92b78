// Looks at a script before it is saved: does it load, is there an `execute`, which names are unknown?
import { readExplanation } from "./answer.ts";
import { Breach } from "./breach.ts";
import { Budget, type Timing } from "./budget.ts";
import { type Dialect, readDialect } from "./checker/dialect.ts";
import { missingClasses } from "./checker/missing_classes.ts";
import { originOf } from "./checker/patched_text.ts";
import { placeAt } from "./checker/place.ts";
import type { GuestHost } from "./guest_host.ts";
import { sourceLimitBytes } from "./limits.ts";
import { fileOf, type Loaded, type Sandbox } from "./sandbox.ts";
import type { ScriptProblem } from "./script.ts";

/**
 * Gives what is wrong with a script, nothing when it is good; at most 100 problems. Loads it in an
 * instance of its own under the limits of a run, as task `number` of this worker. QuickJS decides
 * alone whether its syntax is refused; of what it refuses, every place in the dialect of an older
 * engine is listed with what to write instead. Unknown Java classes are refused where they are named
 * outside of functions. A script that calls the host while it is loaded is only known to parse, and
 * methods of objects are not looked at, since nothing tells their types. Source: D-27, D-31, our
 * design, deploying a script.
 */
export const checkScript = async (
  sandbox: Sandbox,
  timing: Timing,
  number: number,
  source: string,
  name: string,
): Promise<ScriptProblem[]> => {
  if (Buffer.byteLength(source) > sourceLimitBytes) {
    const message = `the script is larger than ${sourceLimitBytes} bytes`;
    return [{ code: "too_large", refused: true, message }];
  }
  using budget = new Budget(sandbox.limits, timing, number);
  const load = (text: string): Promise<Verdict> => judge(sandbox, text, name, budget);
  const verdict = await load(source);
  const isRefused = verdict?.code === "syntax";
  const dialect = await readDialect(source);
  // What QuickJS accepts is JavaScript, whatever another reader says.
  const syntax = isRefused ? await syntaxProblems(source, dialect, verdict, load) : [];
  const names = isRefused || dialect.problems.length === 0 ? dialect : undefined;
  using asking = new Budget(sandbox.limits, timing, number);
  const classes = names ? await missingClasses(sandbox, asking, source, names) : [];
  const isSaid = verdict?.code === "java_class" && classes.some(({ refused }) => refused);
  const others = verdict === undefined || isRefused || isSaid ? [] : [verdict];
  return [...syntax, ...others, ...classes].toSorted(byPlace).slice(0, problemsLimit);
};

const problemsLimit = 100;

type Verdict = ScriptProblem | undefined;

const byPlace = ({ place: one }: ScriptProblem, { place: other }: ScriptProblem): number =>
  (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0);

/** Loads a source text and says the one thing that QuickJS finds wrong with it. */
const judge = async (
  sandbox: Sandbox,
  source: string,
  name: string,
  budget: Budget,
): Promise<Verdict> => {
  let called = false;
  const host: GuestHost = {
    budget,
    signal: new AbortController().signal,
    now: Date.now,
    call(): never {
      called = true;
      throw new Breach(undefined, "loading this script calls the host");
    },
  };
  try {
    return verdictOf(await sandbox.load(source, fileOf(name), host));
  } catch (cause) {
    if (!(cause instanceof Breach)) throw cause;
    return called ? undefined : { code: "load", refused: true, message: cause.message };
  }
};

/** The names of errors and the codes of failures that have a code of their own. */
const verdictCodes: Readonly<Record<string | number, ScriptProblem["code"]>> = {
  SyntaxError: "syntax",
  3003: "java_class",
};

const verdictOf = (loaded: Loaded): Verdict => {
  if ("explanation" in loaded) {
    const { name, message, place, code } = readExplanation(loaded.explanation);
    const verdict = verdictCodes[name] ?? verdictCodes[code] ?? "load";
    return { code: verdict, refused: true, message, ...(place === undefined ? {} : { place }) };
  }
  return loaded.executeType === "function"
    ? undefined
    : { code: "no_execute", refused: true, message: "the script has no function named execute" };
};

/** The places in a dialect, and what QuickJS says once those are mended. */
const syntaxProblems = async (
  source: string,
  { problems, patched, isWhole }: Dialect,
  verdict: ScriptProblem,
  load: (text: string) => Promise<Verdict>,
): Promise<readonly ScriptProblem[]> => {
  if (problems.length === 0) return [verdict];
  const rest = isWhole ? await load(patched.text) : undefined;
  if (rest?.code === "no_execute") return [...problems, rest];
  if (rest?.code !== "syntax") return problems;
  const at = rest.place && offsetOf(patched.text, rest.place);
  const place = at === undefined ? undefined : placeAt(source, originOf(patched, at));
  return [...problems, { ...rest, ...(place === undefined ? {} : { place }) }];
};

/** The offset of a place, which is one that QuickJS gave for this text. */
const offsetOf = (text: string, { line, column }: { line: number; column: number }): number => {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((length, one) => length + one.length + 1, 0);
  return before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
};
