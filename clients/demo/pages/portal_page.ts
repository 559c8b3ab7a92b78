// The portal's page for people, put together.
import type { RequestHandler } from "./page_answer.ts";
import type { PageFiles } from "./page_files.ts";
import { openPortalAsks } from "./portal_asks.ts";
import type { PortalDesk } from "./portal_desk.ts";
import { openPortalDesk } from "./portal_desk.ts";
import { portalRoutes } from "./portal_routes.ts";
import { portalSite } from "./portal_site.ts";
import { openShownCodes } from "./shown_codes.ts";
import type { Person } from "./visitors.ts";
import { openVisitors } from "./visitors.ts";

/** The page. */
export interface PortalPage {
  readonly handle: RequestHandler;
  /** The script of a registration called back about a transaction; false when it is none of the page's. */
  scanned(transaction: string): boolean;
  /** The token server called back about a mobile authentication; false when it is none of the page's. */
  calledBack(transactionId: string): Promise<boolean>;
  /** Names the token server, which is started later. */
  join(issuer: string, clientSecret: string): void;
  /** Ends every wait. */
  close(): void;
}

/** What a page is opened with. */
export interface PortalPageOptions {
  readonly files: PageFiles;
  readonly people: readonly Person[];
  /** The portal's own URL. */
  url(): string;
  callbackUri(): string;
}

const scanMs = 60_000;

/** Opens the page. What it keeps is in memory, and of one process. */
export function openPortalPage({ files, people, url, callbackUri }: PortalPageOptions): PortalPage {
  const life = new AbortController();
  const visitors = openVisitors();
  const codes = openShownCodes();
  const scans = new Map<string, string>();
  let joined: PortalDesk | undefined;
  const desk = (): PortalDesk => {
    if (joined) return joined;
    throw new Error("the portal was asked before it knew the token server");
  };
  const asks = openPortalAsks(desk, codes, callbackUri, life.signal);
  const routes = portalRoutes({
    ...{ people, visitors, codes, asks, desk },
    expectScan(transaction, { id }) {
      scans.set(transaction, id);
      const expire = (): void => {
        codes.tell(id, "expired");
        scans.delete(transaction);
      };
      setTimeout(expire, scanMs).unref();
    },
  });
  return {
    handle: portalSite({ files, visitors, codes, routes, url }),
    scanned(transaction) {
      const id = scans.get(transaction);
      if (id === undefined) return false;
      // The hint of a script and no proof; that the phone is there is seen by the list of devices.
      codes.tell(id, "approved");
      return true;
    },
    calledBack: asks.calledBack,
    join(issuer, clientSecret) {
      joined = openPortalDesk(issuer, clientSecret);
    },
    close: () => life.abort(),
  };
}
