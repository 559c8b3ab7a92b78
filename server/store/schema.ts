// The one schema of the durable data, for SQLite and PostgreSQL alike.

// Ids are text, times are BIGINT milliseconds since the epoch, documents are JSON text. Whatever
// has its own type in only one of the two engines (booleans, JSON, timestamps, arrays) is not used.

/** A configured object: client, application, identity provider ... `sealed` holds its secrets. */
export interface ConfigurationTable {
  kind: string;
  id: string;
  document: string;
  sealed: string | null;
  rev: number;
  updated_at: number;
}

/** One row, id 1, whose number rises with every change of the configuration. */
export interface ConfigurationRevisionTable {
  id: number;
  revision: number;
}

/** Which version of a script is live. */
export interface ScriptTable {
  id: string;
  live_version: number;
}

/** A version of a script. Never updated, never deleted. */
export interface ScriptVersionTable {
  script: string;
  version: number;
  source: string;
  sha256: string;
  author: string;
  message: string;
  created_at: number;
}

/** A key that signs ID tokens. `sealed_private` is the private JWK, sealed. */
export interface SigningKeyTable {
  kid: string;
  public_jwk: string;
  sealed_private: string;
  created_at: number;
  active_from: number;
  retired_at: number | null;
  expires_at: number | null;
}

/** An app installation that registered itself as a dynamic client. */
export interface InstallationTable {
  client_id: string;
  application_id: string;
  software_version: string;
  jwks: string;
  device_name: string | null;
  device_platform: string | null;
  device_model: string | null;
  device_os_version: string | null;
  created_at: number;
  last_seen_at: number | null;
}

/** An assertion that was used. `id` is a hash over client id and jti. */
export interface AssertionMarkTable {
  id: string;
  expires_at: number;
}

/** What one login or registration gave rise to; revoking it ends all its tokens. */
export interface TokenFamilyTable {
  id: string;
  client_id: string;
  user_id: string | null;
  profile_id: string | null;
  identity_provider: string | null;
  token_type: string;
  scope: string;
  amr: string;
  user_details: string | null;
  auth_time: number;
  created_at: number;
  revoked_at: number | null;
  revoked_reason: string | null;
}

/** An access token, by its hash. */
export interface AccessTokenTable {
  hash: string;
  family_id: string;
  scope: string;
  issued_at: number;
  expires_at: number;
  used_at: number | null;
  /** JSON text of claims that a web hook added; null when it added none. */
  claims: string | null;
}

/** A refresh token, by its hash. A used one names what it was exchanged for. */
export interface RefreshTokenTable {
  hash: string;
  family_id: string;
  state: "active" | "used";
  successor_hash: string | null;
  access_hash: string | null;
  created_at: number;
  used_at: number | null;
  expires_at: number;
}

/**
 * One user on one app installation, with what the registration granted and said of the user: `amr` and
 * `user_details` are JSON text. `failures` counts wrong PINs since the last right one.
 */
export interface ProfileTable {
  client_id: string;
  profile_id: string;
  user_id: string;
  scope: string;
  identity_provider: string | null;
  amr: string;
  user_details: string | null;
  failures: number;
  last_login_at: number | null;
  created_at: number;
}

/**
 * A profile that is registered with a custom authenticator; it goes with the profile. `id` is new at each
 * registration, `sealed_data` what the script wants to see again, sealed.
 */
export interface AuthenticatorRegistrationTable {
  client_id: string;
  profile_id: string;
  authenticator: string;
  id: string;
  sealed_data: string | null;
  created_at: number;
}

/**
 * Something that happened. `body` is the JSON text of all that is known, of which the other columns are
 * parts to search by; `mac` is over the `mac` before it, `seq` and `body`.
 */
export interface EventTable {
  seq: number;
  occurred_at: number;
  type: string;
  /** The user in lower case. */
  user_key: string | null;
  client_id: string | null;
  transaction_id: string | null;
  body: string;
  mac: string;
}

/** One row, id 1: the two ends of the chain of events. `seal` is a MAC over the rest, empty at first. */
export interface EventChainTable {
  id: number;
  last_seq: number;
  last_mac: string;
  /** The last event that was removed because of its age. */
  removed_seq: number;
  removed_mac: string;
  seal: string;
}

/** The record of an execution. `summary` and `detail` are JSON text, `recording` is sealed. */
export interface ExecutionTable {
  id: string;
  script: string;
  version: number;
  recorded_at: number;
  /** 1 when it failed, else 0. */
  failed: number;
  summary: string;
  detail: string;
  recording: string | null;
}

/**
 * A profile that is enrolled for mobile authentication, or was until somebody other than the user ended it;
 * it goes with the profile. `id` is new at each enrolment.
 */
export interface MobileEnrolmentTable {
  client_id: string;
  profile_id: string;
  id: string;
  user_id: string;
  application_id: string;
  fingerprint: string;
  created_at: number;
  revoked_at: number | null;
  public_key: string;
}

/** A mobile authentication. Who fetched it is null before; its sealed message is null afterwards. */
export interface MobileTransactionTable {
  id: string;
  api_client_id: string;
  type: string;
  method: string;
  callback_uri: string | null;
  otp_hash: string;
  state: "pending" | "fetched" | "confirmed" | "denied" | "invalid";
  client_id: string | null;
  profile_id: string | null;
  user_id: string | null;
  enrolment_id: string | null;
  created_at: number;
  expires_at: number;
  keep_until: number;
  answered_at: number | null;
  sealed_message: string | null;
}

/**
 * A callback that was not delivered yet. One whose `next_at` is null was given up; `given_up_at` is when the
 * lease of its last try ended.
 */
export interface CallbackTable {
  id: string;
  url: string;
  transaction_id: string;
  body: string;
  attempts: number;
  next_at: number | null;
  given_up_at: number | null;
  last_error: string | null;
  created_at: number;
}

/** One row, id 1: the OpenPGP key of the server. `sealed_private` is armored, sealed. */
export interface OpenPgpKeyTable {
  id: number;
  fingerprint: string;
  public_key: string;
  sealed_private: string;
  created_at: number;
}

/** The durable tables by name. */
export interface DurableTables {
  configuration: ConfigurationTable;
  configuration_revision: ConfigurationRevisionTable;
  script: ScriptTable;
  script_version: ScriptVersionTable;
  signing_key: SigningKeyTable;
  installation: InstallationTable;
  assertion_mark: AssertionMarkTable;
  token_family: TokenFamilyTable;
  access_token: AccessTokenTable;
  refresh_token: RefreshTokenTable;
  profile: ProfileTable;
  authenticator_registration: AuthenticatorRegistrationTable;
  event: EventTable;
  event_chain: EventChainTable;
  execution: ExecutionTable;
  mobile_enrolment: MobileEnrolmentTable;
  mobile_transaction: MobileTransactionTable;
  callback: CallbackTable;
  open_pgp_key: OpenPgpKeyTable;
}
