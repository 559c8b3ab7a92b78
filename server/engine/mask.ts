// Keeps the values of sensitive properties out of every text that is kept.

/** A property of the deployment; a `sensitive` value is never shown. Source: D-26. */
export interface Property {
  readonly value: string;
  readonly sensitive: boolean;
}

/** The deployment's properties by their id. */
export type Properties = ReadonlyMap<string, Property>;

/** Replaces secrets in a text. */
export type Mask = (text: string) => string;

const masked = "[masked]";

/**
 * Makes the mask of these properties: exact occurrences of a sensitive value, plain or as it stands
 * inside JSON text, are replaced. Longer values go first, so that one inside another leaves no rest.
 */
export const maskOf = (properties: Properties): Mask => {
  const secrets = [...properties.values()]
    .filter(({ sensitive, value }) => sensitive && value !== "")
    .flatMap(({ value }) => [value, JSON.stringify(value).slice(1, -1)]);
  const longestFirst = [...new Set(secrets)].sort((one, other) => other.length - one.length);
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, masked), text);
};
