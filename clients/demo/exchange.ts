// One HTTP exchange between two parties of the demo, told to whoever watches.

/** A value of JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/**
 * Told that an exchange begins; the function it gives is told the status when the exchange ends.
 */
export type Witness = (method: string, url: string) => (status: number) => void;

/** What a party sends: JSON, a form, or nothing. Something to send makes it a POST unless it is said. */
export interface Outgoing {
  readonly method?: "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: Json;
  readonly form?: Readonly<Record<string, string>>;
}

/** An answer of any status. A body that is no JSON is a text. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

const deadlineMs = 10_000;

const contentOf = ({ json, form }: Outgoing): { type: string; text: string } | undefined => {
  if (json !== undefined) return { type: "application/json", text: JSON.stringify(json) };
  if (form === undefined) return undefined;
  return { type: "application/x-www-form-urlencoded", text: String(new URLSearchParams(form)) };
};

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
};

/**
 * Sends a request and gives its answer, whatever its status. Throws when there is none within ten
 * seconds; redirects are answers.
 */
export async function send(
  witness: Witness,
  url: string,
  outgoing: Outgoing = {},
): Promise<Answer> {
  const content = contentOf(outgoing);
  const method = outgoing.method ?? (content ? "POST" : "GET");
  const ended = witness(method, url);
  const response = await fetch(url, {
    method,
    headers: { ...outgoing.headers, ...(content && { "content-type": content.type }) },
    ...(content && { body: content.text }),
    redirect: "manual",
    signal: AbortSignal.timeout(deadlineMs),
  });
  const body = parsed(await response.text());
  ended(response.status);
  return { status: response.status, body };
}

/** Gives the Authorization header of an access token. Source: RFC 6750 section 2.1. */
export const bearer = (token: string): { authorization: string } => ({
  authorization: `Bearer ${token}`,
});
