// What the inside of the portal is made of.

/** A part of the page. */
export interface Section {
  readonly element: HTMLElement;
  refresh(): Promise<unknown>;
  /** Ends what it waits for. */
  close(): void;
}

/** Does something that the user asked for; what goes wrong is said, and then all sections look again. */
export type Attempt = (work: () => Promise<unknown>) => Promise<void>;
