// What the SDK keeps in the storage of the device: the installation, and a record of each user.
import { SdkError } from "./error.ts";
import type { DeviceStorage } from "./storage.ts";

/** The installation, as the server knows it. */
export interface InstallationRecord {
  readonly clientId: string;
  /** What the server was told last, as a text to compare. */
  readonly told: string;
}

/** A user of this device. */
export interface ProfileRecord {
  readonly profileId: string;
  /** The refresh token, locked by the PIN. */
  readonly pin: string;
  /** The refresh token of the fingerprint, sealed by the device, in base64. */
  readonly fingerprint?: string | undefined;
  /** Custom authenticators that the user is registered with, as far as this device knows. */
  readonly custom: readonly string[];
  readonly preferred: string;
}

/** The enrolment of a user for mobile authentication. */
export interface EnrolmentRecord {
  /** The armored private OpenPGP key, sealed by the device, in base64. */
  readonly key: string;
  /** Of that key, in upper-case hexadecimal. */
  readonly fingerprint: string;
  /** The armored public key of the server; absent until it said that it has the user's. */
  readonly server?: string | undefined;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isTextOrAbsent: Check = (value) => value === undefined || isText(value);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);

interface Form<T> {
  readonly what: string;
  readonly checks: Readonly<Record<keyof T & string, Check>>;
}

const installationForm: Form<InstallationRecord> = {
  what: "The installation",
  checks: { clientId: isText, told: isText },
};
const profileForm: Form<ProfileRecord> = {
  what: "The user",
  checks: {
    profileId: isText,
    pin: isText,
    fingerprint: isTextOrAbsent,
    custom: isTexts,
    preferred: isText,
  },
};
const enrolmentForm: Form<EnrolmentRecord> = {
  what: "The enrolment",
  checks: { key: isText, fingerprint: isText, server: isTextOrAbsent },
};
const idsForm: Form<{ readonly ids: readonly string[] }> = {
  what: "The list of users",
  checks: { ids: isTexts },
};

const version = 1;

function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // The error would show the text, which may hold what is secret.
    return undefined;
  }
}

function parsed<T>(text: string, { what, checks }: Form<T>): T {
  const value = jsonOf(text);
  const isOurs =
    value?.version === version &&
    Object.entries<Check>(checks).every(([name, check]) => check(value[name]));
  if (isOurs) return value as T;
  throw new SdkError("DATA_STORAGE_UNRECOVERABLE", `${what} that was kept cannot be read.`);
}

const profileIdForm = /^[A-Z0-9]{6}$/;
const nameOf = (kind: "profile" | "enrolment", id: string): string => `${kind}.${id.toLowerCase()}`;

/**
 * The records. Each verb is a single read or write; whoever reads in order to write does both in
 * `DeviceStorage.exclusively`. Each user has records of the own, so one that was damaged leaves the others usable; it
 * throws DATA_STORAGE_UNRECOVERABLE when it is read and can be removed.
 */
export interface Records {
  installation(): Promise<InstallationRecord | undefined>;
  putInstallation(record: InstallationRecord): Promise<void>;
  /** The ids of the users, in the order in which they registered; also of those whose record was damaged. */
  profileIds(): Promise<readonly string[]>;
  profile(id: string): Promise<ProfileRecord | undefined>;
  putProfile(record: ProfileRecord): Promise<void>;
  /** Keeps a new user. It is listed once its record is there. */
  addProfile(record: ProfileRecord): Promise<void>;
  /** Forgets a user with the enrolment; also one that is not there. */
  removeProfile(id: string): Promise<void>;
  enrolment(id: string): Promise<EnrolmentRecord | undefined>;
  putEnrolment(id: string, record: EnrolmentRecord): Promise<void>;
  removeEnrolment(id: string): Promise<void>;
  /** Ids of users whom the server may still know and this device does not. */
  leftovers(): Promise<readonly string[]>;
  putLeftovers(ids: readonly string[]): Promise<void>;
}

/** Gives what is read, undefined when that was damaged: for what may be made anew. */
export const unlessDamaged = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: unknown) => {
    if (error instanceof SdkError && error.reason === "DATA_STORAGE_UNRECOVERABLE")
      return undefined;
    throw error;
  });

/** Gives the records of a storage. */
export function recordsOf(storage: DeviceStorage): Records {
  const get = async <T>(name: string, form: Form<T>): Promise<T | undefined> => {
    const text = await storage.read(name);
    return text === undefined ? undefined : parsed(text, form);
  };
  const put = (name: string, record: object): Promise<void> =>
    storage.write(name, JSON.stringify({ version, ...record }));
  const putIds = (name: string, ids: readonly string[]): Promise<void> =>
    ids.length === 0 ? storage.remove(name) : put(name, { ids });
  const profileIds = async () => (await get("profiles", idsForm))?.ids ?? [];
  return {
    installation: () => get("installation", installationForm),
    putInstallation: (record) => put("installation", record),
    profileIds,
    profile: async (id) =>
      profileIdForm.test(id) ? get(nameOf("profile", id), profileForm) : undefined,
    putProfile: (record) => put(nameOf("profile", record.profileId), record),
    async addProfile(record) {
      const { profileId } = record;
      const others = (await profileIds()).filter((id) => id !== profileId);
      await put(nameOf("profile", profileId), record);
      await putIds("profiles", [...others, profileId]);
    },
    async removeProfile(id) {
      if (!profileIdForm.test(id)) return;
      try {
        // First, so that nobody is ever listed who is not there.
        const ids = await profileIds();
        await putIds(
          "profiles",
          ids.filter((other) => other !== id),
        );
      } finally {
        await storage.remove(nameOf("profile", id));
        await storage.remove(nameOf("enrolment", id));
      }
    },
    enrolment: (id) => get(nameOf("enrolment", id), enrolmentForm),
    putEnrolment: (id, record) => put(nameOf("enrolment", id), record),
    removeEnrolment: (id) => storage.remove(nameOf("enrolment", id)),
    leftovers: async () => (await unlessDamaged(get("leftovers", idsForm)))?.ids ?? [],
    putLeftovers: (ids) => putIds("leftovers", ids),
  };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** Makes the id of a user, by which an app tells its users apart: six letters or digits, no secret. Source: D-15. */
export function newProfileId(): string {
  const letters: string[] = [];
  while (letters.length < 6) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    // The alphabet fits seven times into the values below 252; the rest would favour its first letters.
    if (byte < 252) letters.push(alphabet.charAt(byte % alphabet.length));
  }
  return letters.join("");
}
