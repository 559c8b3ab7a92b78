// The composition root of the token server: opens every room, hands each what it needs, closes all.
import { mkdirSync } from "node:fs";
import type { Settings } from "../gen/gatewright/v1/settings.ts";
import type { Setup } from "../gen/gatewright/v1/setup.ts";
import { durationMs, seconds, systemClock, toSeconds } from "./core/clock.ts";
import type { Level, Log } from "./core/log.ts";
import { jsonLog } from "./core/log.ts";
import type { Meter } from "./core/meter.ts";
import { openMeter } from "./core/meter.ts";
import { Refusal } from "./core/refusal.ts";
import { openEgress } from "./engine/egress.ts";
import type { Engine } from "./engine/engine.ts";
import { openEngine } from "./engine/engine.ts";
import { applySetup } from "./flows/apply_setup.ts";
import type { CallbackSender } from "./flows/callbacks/sender.ts";
import { openCallbackSender } from "./flows/callbacks/sender.ts";
import { readExcluded } from "./flows/events/excluded.ts";
import { openEventRecorder } from "./flows/events/recorder.ts";
import { openRecorder } from "./flows/executions/recorder.ts";
import { firstAdmin } from "./flows/first_admin.ts";
import { budgets, noLimits, openLimits } from "./flows/limits.ts";
import { readKeyRing, tendKeys } from "./flows/maintain.ts";
import { isOffered } from "./flows/mobile_authentication/phone_user.ts";
import { openPgpKeyOf } from "./flows/mobile_authentication/server_key.ts";
import { openTransactionWaits } from "./flows/mobile_authentication/waits.ts";
import { ownOrigin } from "./flows/origin.ts";
import { loadConfiguration } from "./flows/setup/present.ts";
import type { World } from "./flows/world.ts";
import { auditChain } from "./identity/audit_chain.ts";
import { clientKeyCache } from "./identity/client_keys.ts";
import { remoteJwks } from "./identity/jwks_uri.ts";
import { derive } from "./identity/master_key.ts";
import { tokenSource } from "./identity/opaque_token.ts";
import { openOpenPgp } from "./identity/open_pgp/door.ts";
import { sealer } from "./identity/seal.ts";
import { secretVerifier } from "./identity/secret.ts";
import type { KeyRing } from "./identity/signing_keys.ts";
import { webHookTokens } from "./identity/web_hook_token.ts";
import { maintain } from "./maintenance.ts";
import { masterSecret } from "./master_secret.ts";
import { engineSettings, policyOf, scriptSettings } from "./policy.ts";
import { metered } from "./rpc/metered.ts";
import type { Procedure } from "./rpc/procedure.ts";
import { procedures } from "./rpc/services.ts";
import type { ScriptWorkerData } from "./script_worker.ts";
import { openStore } from "./store/store.ts";

/** The token server, open. */
export interface TokenServer extends AsyncDisposable {
  /** What its listeners serve. */
  readonly procedures: readonly Procedure[];
  readonly log: Log;
  readonly meter: Meter;
  /** Secret of the administrator that was made at this start; to be shown once. */
  readonly firstAdminSecret: string | undefined;
}

/** What a server is opened with. */
export interface ServerOptions {
  readonly settings: Settings;
  /** Gives the issuer, which is known only once the public listener has its port. */
  readonly issuer: () => string;
  /** Applied at start. */
  readonly setup: Setup | undefined;
}

const egressRetirementMs = 15_000;
const startAttempts = 10;

// Who waits for a slow hash waits among those of the same address, whose budget ends before the lane is
// full.
const secretTurns = {
  waitingPerLane: budgets.secret_attempts.capacity,
  waiting: 5 * budgets.secret_attempts.capacity,
};

/** Opens the log of a process: JSON lines on stderr. */
const processLog = (level: string): Log =>
  jsonLog((line) => void process.stderr.write(line), systemClock, level as Level);

/** Does work again when another process, starting at the same time, changed the set-up before it. */
async function despiteOthers<T>(world: World, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isConflict = error instanceof Refusal && error.reason === "OBJECT_CONFLICT";
      if (!isConflict || attempt === startAttempts) throw error;
      await world.refreshConfiguration();
    }
  }
}

/**
 * Opens the token server: stores migrated, keys ready, script workers started, the set-up applied, and a
 * first administrator made where there is none. Throws SettingFault, and whatever keeps a room from
 * opening; what was opened before is closed then.
 */
export async function openServer(options: ServerOptions): Promise<TokenServer> {
  const { settings } = options;
  const log = processLog(settings.logLevel);
  const excluded = readExcluded(settings.eventsExcluded);
  mkdirSync(settings.data, { recursive: true, mode: 0o700 });
  await using opened = new AsyncDisposableStack();
  const master = masterSecret(settings);
  const store = opened.use(await openStore({ ...settings, clock: systemClock, log }));
  const keySealer = sealer([master]);
  const pepper = { id: master.id, key: derive(master, "secret_pepper") };
  const chain = auditChain(derive(master, "audit_chain"));
  // Closed after everything that notes events, and before the store.
  const events = opened.use(
    openEventRecorder({ events: store.events, chain, clock: systemClock, log, excluded }),
  );
  const unsealing = { store, identity: { sealer: keySealer } };
  let configuration = await loadConfiguration(unsealing);
  let keyRing: KeyRing | undefined;
  let egress = openEgress(configuration.egress);
  let egressPolicy = JSON.stringify(configuration.egress);
  // What is under way under the old policy may end under it; nothing new begins under it.
  const retireEgress = () => {
    const policy = JSON.stringify(configuration.egress);
    if (policy === egressPolicy) return;
    const previous = egress;
    egress = openEgress(configuration.egress);
    egressPolicy = policy;
    setTimeout(() => void previous[Symbol.asyncDispose](), egressRetirementMs).unref();
  };
  opened.defer(() => egress[Symbol.asyncDispose]());
  // Closed after the engine, whose last runs leave records as well, and before the store.
  const recorder = opened.use(
    openRecorder({ executions: store.executions, sealer: keySealer, clock: systemClock, log }),
  );
  const { workers, ...scriptLimits } = engineSettings(settings);
  const engine: Engine = opened.use(
    await openEngine({
      workerUrl: new URL("./script_worker.ts", import.meta.url),
      workerData: {
        ephemeral: settings.ephemeral,
        cacheTtl: settings.cacheTtl ? toSeconds(durationMs(settings.cacheTtl)) : seconds(300),
      } satisfies ScriptWorkerData,
      workers,
      ...scriptSettings(scriptLimits, configuration),
    }),
  );
  const openPgp = opened.use(openOpenPgp());
  const transactionWaits = opened.use(openTransactionWaits(store.mobileTransactions, systemClock));
  let sender: CallbackSender | undefined;
  const world: World = {
    clock: systemClock,
    log,
    policy: policyOf(options),
    store,
    engine,
    recorder,
    events,
    callbacks: { wake: () => sender?.wake() },
    transactionWaits,
    egress: { request: (request) => egress.request(request) },
    limits: settings.rateLimits ? openLimits(systemClock) : noLimits,
    origin: ownOrigin,
    identity: {
      keyRing() {
        if (!keyRing) throw new Error("the signing keys are not read yet");
        return keyRing;
      },
      async refreshKeyRing() {
        keyRing = await readKeyRing(unsealing);
      },
      clientKeys: clientKeyCache(),
      remoteKeys: remoteJwks({
        async fetch(url) {
          const answer = await egress.request({ method: "GET", url });
          if (answer.kind === "answered") return answer;
          throw new Error(answer.message);
        },
        cache: store.keySets,
        clock: systemClock,
        log,
      }),
      secrets: secretVerifier({ peppers: [pepper], ...secretTurns }),
      pepper,
      sealer: keySealer,
      auditChain: chain,
      webHookTokens: webHookTokens(),
      openPgp,
      openPgpKey: openPgpKeyOf({ ...unsealing, clock: systemClock, openPgp }),
      successorKey: derive(master, "refresh_successor"),
      newToken: tokenSource(),
    },
    configuration: () => configuration,
    async refreshConfiguration() {
      configuration = await loadConfiguration(unsealing);
      retireEgress();
      engine.configure(scriptSettings(scriptLimits, configuration));
    },
  };
  await tendKeys(world);
  const { setup } = options;
  if (setup) await despiteOthers(world, () => applySetup(world, setup, "set-up file"));
  const firstAdminSecret = await despiteOthers(world, () => firstAdmin(world));
  const applications = [...configuration.applications.values()];
  if (applications.some((each) => isOffered(configuration, each))) openPgp.warm();
  sender = opened.use(openCallbackSender(world));
  opened.use(maintain(world));
  const meter = opened.use(openMeter());
  const resources = opened.move();
  return {
    procedures: procedures(world).map((procedure) => metered(procedure, meter)),
    log,
    meter,
    firstAdminSecret,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
