// The codes that the portal's page shows: each is one browser's, and its page is told what becomes of it.
import { randomBytes } from "node:crypto";

/** What became of a code, as the page is told. */
export type CodeState =
  | "waiting"
  | "scanned"
  | "approved"
  | "denied"
  | "stranger"
  | "expired"
  | "failed";

/** A code. */
export interface ShownCode {
  readonly id: string;
  /** The cookie of the browser that shows it. */
  readonly token: string;
  /** What is drawn. */
  readonly text: string;
  readonly state: CodeState;
  /** Who approved it. */
  readonly userId?: string | undefined;
}

/** The codes of all browsers. */
export interface ShownCodes {
  /** Adds a code that waits. */
  add(token: string, text: string): ShownCode;
  /** Gives a browser its own code; undefined for those of others. */
  find(id: string, token: string): ShownCode | undefined;
  /** Tells what became of a code. One that has ended stays as it is. */
  tell(id: string, state: CodeState, userId?: string): void;
  /** Resolves when the code is not in the state any more, or after 20 s, or when nobody listens. */
  change(id: string, known: CodeState, signal: AbortSignal): Promise<void>;
  /** Takes a code: it is used up. */
  take(id: string): void;
}

const going: ReadonlySet<CodeState> = new Set(["waiting", "scanned"]);
const patienceMs = 20_000;
const mostCodes = 1_000;

/** Opens an empty list; beyond 1,000 the oldest code is forgotten. */
export function openShownCodes(): ShownCodes {
  const codes = new Map<string, { code: ShownCode; changed: PromiseWithResolvers<void> }>();
  return {
    add(token, text) {
      const id = randomBytes(16).toString("base64url");
      const code: ShownCode = { id, token, text, state: "waiting" };
      codes.set(id, { code, changed: Promise.withResolvers() });
      const [oldest] = codes.keys();
      if (codes.size > mostCodes && oldest !== undefined) codes.delete(oldest);
      return code;
    },
    find(id, token) {
      const code = codes.get(id)?.code;
      return code?.token === token ? code : undefined;
    },
    tell(id, state, userId) {
      const entry = codes.get(id);
      if (!entry || !going.has(entry.code.state)) return;
      codes.set(id, {
        code: { ...entry.code, state, userId },
        changed: Promise.withResolvers(),
      });
      entry.changed.resolve();
    },
    async change(id, known, signal) {
      const entry = codes.get(id);
      if (entry?.code.state !== known) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, patienceMs);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await Promise.race([entry.changed.promise, promise]);
      clearTimeout(timer);
    },
    take: (id) => void codes.delete(id),
  };
}
