// Mobile authentications that the portal's page starts: who logs in, and whether a user approves.
import type { PortalDesk } from "./portal_desk.ts";
import type { CodeState, ShownCode, ShownCodes } from "./shown_codes.ts";

/** What the phone is asked. */
export interface Question {
  /** Name of a type of the set-up. */
  readonly type: string;
  readonly message: string;
  /** The only user who may answer it; anybody when absent. */
  readonly userId?: string | undefined;
  /** The cookie of the browser that asks. */
  readonly token: string;
}

/** Starts mobile authentications and tells their codes what becomes of them. */
export interface PortalAsks {
  start(question: Question): Promise<ShownCode>;
  /** The token server called back about a transaction; false when it is none of these. */
  calledBack(transactionId: string): Promise<boolean>;
}

interface Asked {
  readonly code: ShownCode;
  readonly userId: string | undefined;
}

const stateNames: Readonly<Record<string, CodeState>> = { fetched: "scanned" };

/**
 * Gives the asks. The end of each is learnt twice: by a stream, which tells of the scan as well, and by the
 * callback, which also comes after the stream broke; the first one counts. Both are no more than a hint which result
 * to fetch. `signal` ends every wait.
 */
export function openPortalAsks(
  desk: () => PortalDesk,
  codes: ShownCodes,
  callbackUri: () => string,
  signal: AbortSignal,
): PortalAsks {
  const asked = new Map<string, Asked>();

  function end(transactionId: string, result: { isAuthenticated: boolean; userId: string }): void {
    const { code, userId } = asked.get(transactionId) ?? {};
    if (!code) return;
    // A code may be scanned by whoever sees it, so that who approved matters as much as that somebody did.
    const isStranger = userId !== undefined && result.userId !== userId;
    const approved = isStranger ? "stranger" : "approved";
    codes.tell(code.id, result.isAuthenticated ? approved : "denied", result.userId);
  }

  async function watch(transactionId: string, { id }: ShownCode): Promise<void> {
    try {
      const ended = await desk().client.awaitMobileAuthentication(transactionId, {
        signal,
        onState: (state) => codes.tell(id, stateNames[state] ?? "waiting"),
      });
      if (ended.state === "answered") end(transactionId, ended.result);
      else codes.tell(id, "expired");
    } catch {
      // What went wrong is the server's to log; the page offers to begin again.
      codes.tell(id, "failed");
    } finally {
      asked.delete(transactionId);
    }
  }

  return {
    async start({ type, message, userId, token }) {
      const { otp = "", transactionId } = await desk().client.startMobileAuthentication({
        type,
        secureMessage: message,
        callbackUri: callbackUri(),
      });
      const code = codes.add(token, otp);
      asked.set(transactionId, { code, userId });
      void watch(transactionId, code);
      return code;
    },
    async calledBack(transactionId) {
      if (!asked.has(transactionId)) return false;
      const result = await desk().client.mobileAuthentication(transactionId);
      if (result) end(transactionId, result);
      return true;
    },
  };
}
