// What the portal's page asks of the token server, in the words of a portal.
import { EndUserServiceDefinition } from "../../../gen/gatewright/v1/end_user.ts";
import { EventServiceDefinition } from "../../../gen/gatewright/v1/event.ts";
import { basicAuthorization } from "../../basic_authorization.ts";
import { CallError, codeOf } from "../../call_error.ts";
import { createClient } from "../../client.ts";
import type { PortalClient } from "../../portal/portal_client.ts";
import { portalClient } from "../../portal/portal_client.ts";
import { webWire } from "../../web.ts";
import type { Person } from "./visitors.ts";

/** A device as the page shows it; times are milliseconds since the epoch. */
export interface ShownDevice {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
  readonly application: string;
  readonly createdAt: number;
  readonly lastLogin: number | undefined;
}

/** Something that happened, as the page shows it. */
export interface ShownEvent {
  readonly id: string;
  readonly name: string;
  readonly at: number;
}

/** The portal's side of the token server. Everything fails with a `CallError` only. */
export interface PortalDesk {
  readonly client: PortalClient;
  /** Gives what the code of a registration holds, and the transaction by which the script calls back. */
  startRegistration(person: Person, from: string): Promise<Record<string, string>>;
  /** Gives the response to a challenge; undefined when the script knows no such challenge. */
  answerChallenge(person: Person, challenge: string): Promise<string | undefined>;
  devices(person: Person): Promise<readonly ShownDevice[]>;
  removeDevice(person: Person, id: string): Promise<void>;
  /** Gives the newest first, 25 at most, without what the page itself asked. */
  activity(person: Person): Promise<readonly ShownEvent[]>;
}

const success = 2000;
const eventsShown = 25;
// What the page itself causes each time that it looks would be all that is to be seen.
const notShown = [
  "API_DEVICES_LISTED",
  "API_DEVICES_NO_DATA_FOUND",
  "PUSH_AUTH_TRANSACTION_RETRIEVED",
];
const clientId = "portal";

/** Gives none where the server says that there is none of a user. */
const orNone = async <T>(work: Promise<readonly T[]>): Promise<readonly T[]> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CallError && error.code === codeOf("not_found")) return [];
    throw error;
  }
};

/** Opens the desk of the API client `portal`. `issuer`: of the token server. */
export function openPortalDesk(issuer: string, clientSecret: string): PortalDesk {
  const wire = webWire(issuer.replace(/\/oauth$/, ""));
  const headers = basicAuthorization(clientId, clientSecret);
  const client = portalClient({ wire, clientId, clientSecret });
  const users = createClient(EndUserServiceDefinition, wire);
  const events = createClient(EventServiceDefinition, wire);
  const userOf = ({ id, name }: Person) => ({ userId: id, displayName: name });
  return {
    client,
    async startRegistration(person, from) {
      const said = JSON.stringify({ ...userOf(person), startedFrom: from });
      const { status, data } = await client.backchannel("qr", said);
      if (status !== success) throw new CallError("internal", `The script answered ${status}.`);
      return JSON.parse(data ?? "{}") as Record<string, string>;
    },
    async answerChallenge(person, challenge) {
      const said = JSON.stringify({ ...userOf(person), challenge });
      const { status, data } = await client.backchannel("challenge", said);
      if (status !== success) return undefined;
      return (JSON.parse(data ?? "{}") as { response?: string }).response;
    },
    devices: ({ id: userId }) =>
      orNone(
        users.listDevices({ userId }, { headers }).then(({ devices }) =>
          devices.map(({ id, name, platform, application, createdAt, lastLogin }) => ({
            ...{ id, name, platform, application, createdAt, lastLogin },
          })),
        ),
      ),
    async removeDevice({ id: userId }, deviceId) {
      await users.deleteUserDevice({ userId, deviceId }, { headers });
    },
    async activity({ id: userId }) {
      const page = { userId, size: eventsShown, excludeEventType: notShown };
      const { resultSet } = await events.listEvents(page, { headers });
      return resultSet.map((event) => ({
        id: event.eventIdentifier,
        name: event.eventName,
        at: event.occurred,
      }));
    },
  };
}
