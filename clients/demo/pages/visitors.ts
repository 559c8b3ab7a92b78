// Who visits the portal's page: a browser by its cookie, and the user who is logged in there.
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A user of the portal. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A browser. */
export interface Visitor {
  /** Value of its cookie. */
  readonly token: string;
  readonly person: Person | undefined;
}

/** The browsers that the portal knows. */
export interface Visitors {
  /** Gives the browser of a request; undefined when it has no cookie of ours. */
  find(request: IncomingMessage): Visitor | undefined;
  /** Makes a browser known under a new cookie and forgets its old one: whoever gave it that one is left out. */
  enter(person: Person | undefined, former: Visitor | undefined): Visitor;
  forget(visitor: Visitor): void;
}

const cookieName = "portal";
const cookieForm = new RegExp(`(?:^|; )${cookieName}=([A-Za-z0-9_-]{43})(?:;|$)`);
const mostVisitors = 1_000;

/** Gives the header that sets the cookie. It goes to the portal alone, and no script can read it. */
export const cookieOf = ({ token }: Visitor): string =>
  // Not `Secure`: the demo is on loopback without TLS.
  `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`;

/** Gives the header that takes the cookie away. */
export const noCookie = `${cookieName}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0`;

/** Opens an empty list; beyond 1,000 the oldest browser is forgotten. */
export function openVisitors(): Visitors {
  const known = new Map<string, Visitor>();
  return {
    find: ({ headers }) => known.get(cookieForm.exec(headers.cookie ?? "")?.[1] ?? ""),
    enter(person, former) {
      if (former) known.delete(former.token);
      const visitor = { token: randomBytes(32).toString("base64url"), person };
      known.set(visitor.token, visitor);
      const [oldest] = known.keys();
      if (known.size > mostVisitors && oldest !== undefined) known.delete(oldest);
      return visitor;
    },
    forget: ({ token }) => void known.delete(token),
  };
}
