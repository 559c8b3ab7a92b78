// How large a call may be at the gateway, and how long it may take, by what the contract says of its
// method.
import type { Message } from "@bufbuild/protobuf";
import { requestLimitBytes } from "../proto/bounds.ts";
import type { Exchange } from "../proto/contract.ts";
import { exchangeOf, services } from "../proto/contract.ts";

/** The bounds of a listener's calls. */
export interface Bounds {
  /** The longest request in bytes. */
  requestBytes(exchange: Pick<Exchange, "large">): number;
  /** How long the answer may take, in milliseconds: the deadline, behind what its caller waits for. */
  timeoutMs(exchange: Exchange, request: Message): number;
}

/** For how many milliseconds a request asks to wait: 0 for most. More than it may counts as that. */
export const waitMs = ({ longestWait }: Exchange, request: Message): number =>
  1000 * Math.min((request as { wait?: number }).wait ?? 0, longestWait);

/** The longest time in milliseconds for which a request of any method may ask to wait. */
export const longestWaitMs: number =
  1000 *
  Math.max(
    ...services.flatMap(({ methods }) => methods.map((method) => exchangeOf(method).longestWait)),
  );

/**
 * Gives the bounds under a deadline in milliseconds and the setting `secure_message` in bytes.
 * Source: D-54, D-57.
 */
export const boundsOf = (deadlineMs: number, secureMessageBytes: number): Bounds => ({
  requestBytes: (exchange) => requestLimitBytes(exchange, secureMessageBytes),
  timeoutMs: (exchange, request) => deadlineMs + waitMs(exchange, request),
});
