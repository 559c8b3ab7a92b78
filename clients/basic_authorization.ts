// Credentials of API clients and administrators as a request header.

const formEncode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*~]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");

/**
 * Gives the header of HTTP Basic for a client's id and secret, each form-encoded first, so that any
 * text can be one. Source: RFC 6749 section 2.3.1.
 */
export const basicAuthorization = (id: string, secret: string): { authorization: string } => ({
  authorization: `Basic ${btoa(`${formEncode(id)}:${formEncode(secret)}`)}`,
});
