// A promise and what settles it, also on platforms without Promise.withResolvers: the clients run on Node 20.

/** A promise, and the verbs that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** Gives a promise that waits for one of its verbs. */
export function deferred<T>(): Deferred<T> {
  const verbs: Partial<Deferred<T>> = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(verbs, { resolve, reject }));
  return { ...(verbs as Deferred<T>), promise };
}
