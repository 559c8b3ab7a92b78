// The SDK of an app: its parts, put together.
import { openActions } from "./actions.ts";
import type { App } from "./app.ts";
import { connect } from "./connection.ts";
import { openDevice } from "./device.ts";
import { sweepLeftovers } from "./leftovers.ts";
import { recordsOf } from "./records.ts";
import { openSession } from "./session.ts";
import type { SdkOptions, UserClient } from "./types.ts";
import { authenticatorVerbs, deviceVerbs, mobileVerbs, userVerbs } from "./verbs.ts";

function openApp(options: SdkOptions, life: AbortSignal): App {
  const { storage, biometrics } = options;
  const connection = connect(options);
  const records = recordsOf(storage);
  const session = openSession(connection, options.now ?? Date.now);
  const installation = { options, connection, records, life };
  const device = openDevice(installation, {
    onStart: () => sweepLeftovers(app),
    onWipe: () => session.forget(),
  });
  const app: App = { storage, biometrics, connection, records, session, device, life };
  return app;
}

/**
 * Opens the SDK; nothing is sent and nothing is kept before the first verb. Several clients, in one process or in many,
 * may use one storage. Dispose of the client to end what is under way. Throws CONFIGURATION_ERROR for an issuer
 * that is no URL ending with `/oauth`. Source: the vendor's user client; D-42, D-65.
 */
export function openUserClient(options: SdkOptions): UserClient {
  const life = new AbortController();
  const app = openApp(options, life.signal);
  const { device, session } = app;
  const actions = openActions(device.judge);
  return {
    ...deviceVerbs(app, actions),
    ...userVerbs(app, actions),
    ...authenticatorVerbs(app, actions),
    ...mobileVerbs(app, actions),
    get authenticatedUserProfile() {
      return session.login?.profile;
    },
    get implicitlyAuthenticatedUserProfile() {
      return session.implicit?.profile;
    },
    get accessToken() {
      return session.login?.accessToken;
    },
    get idToken() {
      return session.login?.idToken;
    },
    async [Symbol.asyncDispose]() {
      life.abort();
      await actions[Symbol.asyncDispose]();
      await device.idle();
      session.forget();
    },
  };
}
