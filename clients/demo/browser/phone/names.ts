// What the users of this phone are called. The SDK keeps profiles; their names are the app's own business.

const key = "names";

const all = (): Record<string, string> => {
  try {
    return Object(JSON.parse(localStorage.getItem(key) ?? "{}")) as Record<string, string>;
  } catch {
    return {};
  }
};

/** Gives the name of the user of a profile. */
export const nameOf = (profileId: string): string => {
  const known = all();
  return Object.hasOwn(known, profileId) ? String(known[profileId]) : `Profile ${profileId}`;
};

/** Keeps a name, and forgets those of profiles that are gone. */
export function keepName(profileId: string, name: string, profileIds: readonly string[]): void {
  const rest = Object.entries(all()).filter(([id]) => profileIds.includes(id));
  try {
    localStorage.setItem(key, JSON.stringify({ ...Object.fromEntries(rest), [profileId]: name }));
  } catch {
    // A browser that keeps nothing here shows the profile's id in place of the name.
  }
}
