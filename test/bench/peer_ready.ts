// What the peer's process says to the bench when it serves.

/** The line that the peer prints when it serves: this, and a `PeerReady` as JSON. */
export const peerReadyLine = "peer listening ";

/** What the peer tells of itself. */
export interface PeerReady {
  readonly origin: string;
  /** Refresh tokens by client. */
  readonly tokens: Readonly<Record<"keeping" | "rotating", readonly string[]>>;
}
