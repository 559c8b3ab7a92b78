// What the flows stand on: every port and value that a use case may need, handed in by the
// composition root.
import type { KeyObject } from "node:crypto";
import type { Clock, Milliseconds } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Egress } from "../engine/egress.ts";
import type { Engine } from "../engine/engine.ts";
import type { AuditChain } from "../identity/audit_chain.ts";
import type { ClientKeys } from "../identity/client_keys.ts";
import type { RemoteKeyRequest } from "../identity/jwks_uri.ts";
import type { OpenPgp, OpenPgpKey } from "../identity/open_pgp.ts";
import type { Sealer } from "../identity/seal.ts";
import type { Pepper, SecretVerifier } from "../identity/secret.ts";
import type { KeyRing } from "../identity/signing_keys.ts";
import type { WebHookTokens } from "../identity/web_hook_token.ts";
import type { Store } from "../store/store.ts";
import type { Configuration } from "./configuration.ts";
import type { Events } from "./events/event.ts";
import type { ExecutionRecorder } from "./executions/recorder.ts";
import type { Limits } from "./limits.ts";
import type { TransactionWaits } from "./mobile_authentication/waits.ts";
import type { Origin } from "./origin.ts";

/** What of the settings decides in a flow. */
export interface Policy {
  /** Issuer of tokens and audience of client assertions. */
  readonly issuer: string;
  /** Life of a registration transaction. */
  readonly transactionTtl: Milliseconds;
  /** Tries of one registration transaction. */
  readonly transactionTries: number;
  /** Installations that one address may register in an hour; undefined when limits are off. */
  readonly registrationsPerHour: number | undefined;
  /** Time from publishing a signing key to signing with it. */
  readonly keyAnnouncement: Milliseconds;
  /** Time for which a retired signing key stays published. */
  readonly keyRetention: Milliseconds;
  /** How long the records of executions are kept, and how many of them at most. */
  readonly executionsAge: Milliseconds;
  readonly executionsKept: number;
  /** How long events are kept. */
  readonly eventsAge: Milliseconds;
  /** The longest secure message of a mobile authentication in bytes. */
  readonly secureMessageBytes: number;
  /** How long results of mobile authentications can be read. */
  readonly resultAge: Milliseconds;
  /** How long callbacks that were given up are kept. */
  readonly callbacksAge: Milliseconds;
}

/** Everything near keys and secrets. */
export interface Identity {
  /** The signing keys of this moment. */
  keyRing(): KeyRing;
  /** Reads the signing keys anew after a change. */
  refreshKeyRing(): Promise<void>;
  /** Imported keys of a stored JWK set. */
  readonly clientKeys: (jwks: string) => ClientKeys;
  /** Keys of a client that publishes them at a URL. */
  readonly remoteKeys: (request: RemoteKeyRequest) => Promise<ClientKeys>;
  readonly secrets: SecretVerifier;
  readonly pepper: Pepper;
  readonly sealer: Sealer;
  /** Gives the tokens with which the server proves itself to web hooks. */
  readonly webHookTokens: WebHookTokens;
  readonly openPgp: OpenPgp;
  /** Gives the server's OpenPGP key, which the first caller of all makes. */
  readonly openPgpKey: () => Promise<OpenPgpKey>;
  /** From which the successor of a refresh token is derived. */
  readonly successorKey: KeyObject;
  /** What proves the chain of events. */
  readonly auditChain: AuditChain;
  /** Gives a new opaque token. */
  readonly newToken: () => string;
}

/** What every flow receives. */
export interface World {
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly store: Store;
  readonly engine: Engine;
  readonly recorder: ExecutionRecorder;
  /** The guarded way out, always under the egress policy of this moment. */
  readonly egress: Pick<Egress, "request">;
  readonly events: Events;
  /** Is told that a callback was put into the outbox. */
  readonly callbacks: { wake(): void };
  readonly transactionWaits: Pick<TransactionWaits, "change" | "tell">;
  readonly limits: Limits;
  /** From where the call came that is served. */
  readonly origin: Origin;
  readonly identity: Identity;
  /** The operator's objects of this moment. */
  configuration(): Configuration;
  /** Reads the operator's objects anew after a change. */
  refreshConfiguration(): Promise<void>;
}
