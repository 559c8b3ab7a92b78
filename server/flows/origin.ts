// From where a call came.

/** From where a call came. */
export interface Origin {
  /** The caller's address; empty for what the server does by itself. */
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** The origin of what the server does by itself. */
export const ownOrigin: Origin = { address: "", userAgent: undefined };
