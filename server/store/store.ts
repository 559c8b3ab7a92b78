// The store: all that the server remembers, behind one value.
import type { Clock, Seconds } from "../core/clock.ts";
import { seconds } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { AssertionMarks } from "./assertion_marks.ts";
import { assertionMarksIn } from "./assertion_marks.ts";
import type { AuthenticatorRegistrations } from "./authenticator_registrations.ts";
import { authenticatorRegistrationsIn } from "./authenticator_registrations.ts";
import type { ScriptCache } from "./cache.ts";
import { openScriptCache } from "./cache.ts";
import type { Callbacks } from "./callbacks.ts";
import { callbacksIn } from "./callbacks.ts";
import type { Configuration } from "./configuration.ts";
import { configurationIn } from "./configuration.ts";
import type { Devices } from "./devices.ts";
import { devicesIn } from "./devices.ts";
import type { Durable } from "./durable.ts";
import { openDurable } from "./durable.ts";
import { engineOf } from "./engines/table.ts";
import type { Ephemeral } from "./ephemeral.ts";
import type { Events } from "./events.ts";
import { eventsIn } from "./events.ts";
import type { Executions } from "./executions.ts";
import { executionsIn } from "./executions.ts";
import type { Installations } from "./installations.ts";
import { installationsIn } from "./installations.ts";
import type { KeySets } from "./key_sets.ts";
import { keySetsIn } from "./key_sets.ts";
import type { Logins } from "./logins.ts";
import { loginsIn } from "./logins.ts";
import type { MobileEnrolments } from "./mobile_enrolments.ts";
import { mobileEnrolmentsIn } from "./mobile_enrolments.ts";
import type { MobileTransactions } from "./mobile_transactions.ts";
import { mobileTransactionsIn } from "./mobile_transactions.ts";
import type { OpenPgpKeys } from "./open_pgp_keys.ts";
import { openPgpKeysIn } from "./open_pgp_keys.ts";
import type { ProfileTokens } from "./profile_tokens.ts";
import { profileTokensIn } from "./profile_tokens.ts";
import type { Profiles } from "./profiles.ts";
import { profilesIn } from "./profiles.ts";
import type { Scripts } from "./scripts.ts";
import { scriptsIn } from "./scripts.ts";
import type { SigningKeys } from "./signing_keys.ts";
import { signingKeysIn } from "./signing_keys.ts";
import { sweepAll } from "./sweep.ts";
import type { Tokens } from "./tokens.ts";
import { tokensIn } from "./tokens.ts";
import type { UserTokens } from "./user_tokens.ts";
import { userTokensIn } from "./user_tokens.ts";

/** Where the data is kept, and what the store is given. */
export interface StoreOptions {
  /** `sqlite:<file>` or `postgres://...`. */
  readonly durable: string;
  /** `sqlite:<file>`, `postgres://...`, `redis://...` or `rediss://...`. */
  readonly ephemeral: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Life of a script's cache entry that names none; 300 s by default. Source: D-22. */
  readonly scriptCacheTtl?: Seconds;
}

/**
 * The open store. Whatever engine it is in, a call that the engine fails rejects with UNAVAILABLE,
 * in a few seconds at the latest, and a call after closing is a fault. Source: SEC-87.
 */
export interface Store extends AsyncDisposable {
  readonly configuration: Configuration;
  readonly scripts: Scripts;
  readonly executions: Executions;
  readonly events: Events;
  readonly signingKeys: SigningKeys;
  readonly installations: Installations;
  readonly profiles: Profiles;
  readonly profileTokens: ProfileTokens;
  readonly authenticatorRegistrations: AuthenticatorRegistrations;
  readonly mobileEnrolments: MobileEnrolments;
  readonly mobileTransactions: MobileTransactions;
  readonly callbacks: Callbacks;
  readonly openPgpKeys: OpenPgpKeys;
  readonly devices: Devices;
  readonly userTokens: UserTokens;
  readonly assertionMarks: AssertionMarks;
  readonly tokens: Tokens;
  readonly logins: Logins;
  readonly ephemeral: Ephemeral;
  readonly scriptCache: ScriptCache;
  readonly keySets: KeySets;
  /** Resolves when both stores answer; else rejects with UNAVAILABLE. */
  ping(): Promise<void>;
  /** Deletes what has expired, in small steps, and gives how many rows. Any process may. */
  sweep(): Promise<number>;
}

const defaultScriptCacheTtl = seconds(300);

/**
 * Opens the store and brings it to the newest schema; several processes may do so at once. Rejects
 * with UNAVAILABLE when an engine does not answer, and with an assertion when a URL or an engine
 * cannot be used.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { clock, log } = options;
  const durable = await openDurable(options.durable);
  try {
    const ephemeral = await engineOf(options.ephemeral).openEphemeral(options.ephemeral, clock);
    log.info("store_open", {
      durable: engineOf(options.durable).name,
      ephemeral: engineOf(options.ephemeral).name,
    });
    return storeOver(durable, ephemeral, options);
  } catch (error) {
    await durable[Symbol.asyncDispose]();
    throw error;
  }
}

function storeOver(
  durable: Durable,
  ephemeral: Ephemeral,
  { clock, log, scriptCacheTtl = defaultScriptCacheTtl }: StoreOptions,
): Store {
  const assertionMarks = assertionMarksIn(durable);
  const tokens = tokensIn(durable);
  const mobileTransactions = mobileTransactionsIn(durable);
  return {
    configuration: configurationIn(durable),
    scripts: scriptsIn(durable),
    executions: executionsIn(durable),
    events: eventsIn(durable),
    signingKeys: signingKeysIn(durable),
    installations: installationsIn(durable),
    profiles: profilesIn(durable),
    profileTokens: profileTokensIn(durable),
    authenticatorRegistrations: authenticatorRegistrationsIn(durable),
    mobileEnrolments: mobileEnrolmentsIn(durable),
    mobileTransactions,
    callbacks: callbacksIn(durable),
    openPgpKeys: openPgpKeysIn(durable),
    devices: devicesIn(durable),
    userTokens: userTokensIn(durable),
    assertionMarks,
    tokens,
    logins: loginsIn(durable),
    ephemeral,
    scriptCache: openScriptCache(ephemeral, scriptCacheTtl),
    keySets: keySetsIn(ephemeral),
    async ping() {
      await Promise.all([durable.ping(), ephemeral.ping()]);
    },
    async sweep() {
      const now = clock.now();
      const marks = await sweepAll(() => assertionMarks.sweepStep(now));
      const swept = await sweepAll(() => tokens.sweepStep(now));
      const transactions = await sweepAll(() => mobileTransactions.sweepStep(now), 1);
      const entries = await ephemeral.sweep();
      log.debug("store_swept", {
        marks,
        tokens: swept,
        mobile_transactions: transactions,
        entries,
      });
      return marks + swept + transactions + entries;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([durable[Symbol.asyncDispose](), ephemeral[Symbol.asyncDispose]()]);
    },
  };
}
