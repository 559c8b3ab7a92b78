// What an installed version of an app may do.
import type { Application } from "../../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Client } from "../client.ts";

/** What a version may do: everything, log in only, or nothing. */
export type VersionStatus = "LOGIN_REGISTRATION" | "LOGIN_ONLY" | "DISABLED";

/** The version of an app, as an installation named it. */
export interface Installed {
  readonly version: string | undefined;
  readonly platform: string | undefined;
}

/** What an application says of an installed version. */
export interface Standing {
  readonly status: VersionStatus;
  /** Whether the version is left out of a list that names others. */
  readonly isUnknown: boolean;
}

/**
 * Gives the standing of an installed version. An entry without platform counts for every platform; one of
 * the very platform wins over it. Where no entry counts for the platform every version may do everything,
 * otherwise only listed ones may do anything. Source: setup.proto, Application.versions.
 */
export function standingOf(application: Application, { version, platform }: Installed): Standing {
  const listed = application.versions.filter(
    (entry) => !entry.platform || entry.platform === platform,
  );
  if (listed.length === 0) return { status: "LOGIN_REGISTRATION", isUnknown: false };
  const same = listed.filter((entry) => entry.version === version);
  const entry = same.find((candidate) => candidate.platform) ?? same[0];
  if (!entry) return { status: "DISABLED", isUnknown: true };
  return { status: entry.status as VersionStatus, isUnknown: false };
}

const allowed: Readonly<Record<"login" | "registration", readonly VersionStatus[]>> = {
  login: ["LOGIN_REGISTRATION", "LOGIN_ONLY"],
  registration: ["LOGIN_REGISTRATION"],
};

/** Tells whether a version of this status may do something. */
export const mayDo = (status: VersionStatus, what: keyof typeof allowed): boolean =>
  allowed[what].includes(status);

/**
 * Throws VERSION_DISABLED unless the version of an app installation may do what it is about to do. Other
 * clients have no versions. Source: setup.proto, ApplicationVersion.status.
 */
export function demandVersion(client: Client, what: "login" | "registration"): void {
  const { kind, application } = client;
  if (kind !== "dynamic" || !application) return;
  if (!mayDo(standingOf(application, client).status, what)) throw new Refusal("VERSION_DISABLED");
}
