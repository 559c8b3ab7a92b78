// Where the tests of the portal's client are: a real server behind a proxy, a phone, and clients of either wire.
import assert from "node:assert/strict";
import type { CallError, ReasonName } from "../../../clients/call_error.ts";
import { codeNames } from "../../../clients/call_error.ts";
import type { Wire } from "../../../clients/client.ts";
import { grpcWire } from "../../../clients/grpc.ts";
import type { PortalClient } from "../../../clients/portal/portal_client.ts";
import { portalClient } from "../../../clients/portal/portal_client.ts";
import { webWire } from "../../../clients/web.ts";
import type { OpenPgpPhone } from "../../support/openpgp_phone.ts";
import { enrolPhone } from "../../support/openpgp_phone.ts";
import type { TcpProxy } from "../../support/proxy.ts";
import { startProxy } from "../../support/proxy.ts";
import type { Deployment, TestServer } from "../../support/server.ts";
import { serverFor } from "../../support/server.ts";
import { secrets, usualSetup } from "../../support/usual_setup.ts";

/** A wire, and the deployment that it is tried with. */
export interface Row {
  readonly name: string;
  readonly deployment: Deployment;
  wireTo(address: string): Wire & Partial<Disposable>;
  addressOf(server: TestServer): string;
}
/** Every wire, one in each deployment. */
export const rows: readonly Row[] = [
  {
    name: "gRPC",
    deployment: "split",
    wireTo: (address) => grpcWire(address),
    addressOf: ({ grpc }) => grpc,
  },
  {
    name: "Connect",
    deployment: "embedded",
    wireTo: (address) => webWire(`http://${address}`),
    addressOf: ({ http }) => http.slice("http://".length),
  },
];

/** The ways to wait. */
export const ways = ["stream", "poll"] as const;

const failureOf = async (work: Promise<unknown>): Promise<CallError> =>
  work.then(
    (value) => assert.fail(`gave ${JSON.stringify(value)}`),
    (error: CallError) => error,
  );
/** Gives the reason of a call that must fail. */
export const reasonOf = async (work: Promise<unknown>): Promise<ReasonName | undefined> =>
  (await failureOf(work)).reason;
/** Gives the code of a call that must fail. */
export const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
  codeNames[(await failureOf(work)).code];

/** A place of one row. */
export interface Place {
  readonly server: () => TestServer;
  /** Of alice; enrolled at the server itself. */
  readonly phone: () => OpenPgpPhone;
  /** Between all clients and the server; mended after each test. */
  readonly proxy: () => TcpProxy;
  /** Opens a client, which ends with the test. */
  open(clientId: keyof typeof secrets, secret?: string): PortalClient;
}

/** Gives all tests of a suite one place. */
export function placeOf({ deployment, wireTo, addressOf }: Row): Place {
  const server = serverFor(async () => ({ ...(await usualSetup()), deployment }));
  let phone: OpenPgpPhone;
  let proxy: TcpProxy;
  const opened: Partial<Disposable>[] = [];
  before(async () => {
    phone = await enrolPhone(server(), "alice");
    proxy = await startProxy(addressOf(server()));
  });
  afterEach(() => {
    proxy.mend();
    for (const wire of opened.splice(0)) wire[Symbol.dispose]?.();
  });
  after(() => proxy[Symbol.asyncDispose]());
  return {
    server,
    phone: () => phone,
    proxy: () => proxy,
    open(clientId, clientSecret = secrets[clientId]) {
      const wire = wireTo(proxy.address);
      opened.push(wire);
      return portalClient({ wire, clientId, clientSecret });
    },
  };
}

/** Starts a mobile authentication and gives its id and what the phone scans. */
export async function start(bank: PortalClient): Promise<{ id: string; otp: string }> {
  const { transactionId, otp = "" } = await bank.startMobileAuthentication({ type: "login" });
  return { id: transactionId, otp };
}
