// The network of a test's phone: real fetch, which loses what the test tells it to.

/** What is lost on the way: the request, so that the server never sees it, or the answer. */
export type Loss = "request" | "answer";

/** A network. */
export interface Network {
  readonly send: (url: string, init: RequestInit) => Promise<Response>;
  /** Names of the methods that were called, in order, since the last `forget`. */
  readonly calls: readonly string[];
  forget(): void;
  /** Loses call number `at` (counted from 0 since the last `forget`), or every call when it is undefined. */
  lose(loss: Loss, at?: number): void;
  /** Loses nothing any more. */
  mend(): void;
  /** Does something when a method is called, before the request leaves. */
  before(method: string, work: () => Promise<void> | void): void;
}

/** Gives a network that works. */
export function openNetwork(): Network {
  const calls: string[] = [];
  const works = new Map<string, () => Promise<void> | void>();
  let lost: { loss: Loss; at: number | undefined } | undefined;
  return {
    calls,
    async send(url, init) {
      const method = url.split("/").at(-1) ?? "";
      const number = calls.push(method) - 1;
      await works.get(method)?.();
      const loss = lost && (lost.at ?? number) === number ? lost.loss : undefined;
      if (loss === "request") throw new TypeError("fetch failed");
      const response = await fetch(url, init);
      if (loss === undefined) return response;
      await response.arrayBuffer();
      throw new TypeError("terminated");
    },
    forget() {
      calls.length = 0;
    },
    lose(loss, at) {
      lost = { loss, at };
    },
    mend() {
      lost = undefined;
    },
    before(method, work) {
      works.set(method, work);
    },
  };
}
