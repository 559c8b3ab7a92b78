// Actions and their questions: one of a kind at a time, one answer to a question, and an end for each.
import assert from "node:assert/strict";
import type {
  AuthenticationHandler,
  Challenge,
  RegistrationHandler,
} from "../../../clients/sdk/types.ts";
import { serverFor } from "../../support/server.ts";
import { letIn } from "../../support/usual_setup.ts";
import {
  fails,
  openPhone,
  pin,
  registering,
  registerUser,
  setupWith,
  typing,
  wrongPin,
} from "./phone.ts";

const puppet = { identityProvider: "puppet" };

describe("an action", function () {
  this.timeout(60_000);
  const server = serverFor(() => setupWith());

  /** A registration that waits in its first question. */
  function waiting() {
    const asked = Promise.withResolvers<Challenge<string | undefined>>();
    const handler: RegistrationHandler = { ...registering(), onFinish: asked.resolve };
    return { handler, asked: asked.promise };
  }

  it("of a kind runs once at a time, whatever else runs", async () => {
    const { client, again } = openPhone(server());
    const { handler, asked } = waiting();
    const first = client.registerUser(handler, puppet);
    const challenge = await asked;
    await fails(client.registerUser(registering(), puppet), "ACTION_ALREADY_IN_PROGRESS");
    await fails(client.registerStatelessUser(registering(), puppet), "ACTION_ALREADY_IN_PROGRESS");
    await client.start();
    assert.deepEqual(await client.userProfiles(), []);
    await again().registerUser(registering(), puppet);
    challenge.respond(letIn("ann"));
    const { profile } = await first;
    await client.registerUser(registering(), puppet);
    const logins = await Promise.allSettled(
      [1, 2, 3].map(() => client.authenticateUser(profile, typing(pin))),
    );
    assert.deepEqual(
      logins.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected"],
    );
  });

  it("takes the first answer to a question, and no other", async () => {
    const { client } = openPhone(server());
    await client.registerUser(
      {
        onFinish(challenge) {
          challenge.respond(letIn("ann"));
          challenge.respond("nonsense");
          challenge.cancel();
        },
        async onCreatePin(challenge) {
          challenge.respond(pin);
          throw new Error("too late to matter");
        },
      },
      puppet,
    );
    const [profile] = await client.userProfiles();
    assert.ok(profile);
    await client.authenticateUser(profile, {
      onPin(challenge) {
        challenge.respond(pin);
        challenge.respond(wrongPin);
      },
    });
  });

  it("takes an answer from somebody who took time", async () => {
    const { client } = openPhone(server());
    const { handler, asked } = waiting();
    const registration = client.registerUser(handler, puppet);
    const challenge = await asked;
    assert.equal(challenge.signal.aborted, false);
    setTimeout(() => challenge.respond(letIn("ann")), 20);
    await registration;
    assert.equal(challenge.signal.aborted, true);
  });

  const broken: [string, () => void | Promise<void>][] = [
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("broken"))],
  ];
  for (const [which, onFinish] of broken) {
    it(`is cancelled by a handler that ${which}`, async () => {
      const { client } = openPhone(server());
      const error = await fails(
        client.registerUser({ ...registering(), onFinish }, puppet),
        "ACTION_CANCELED",
      );
      assert.equal((error.cause as Error).message, "broken");
      await client.registerUser(registering(), puppet);
    });
  }

  it("is cancelled by its signal: before, in a question, in a call", async () => {
    const { client, network } = openPhone(server());
    await client.start();
    const early = AbortSignal.abort();
    await fails(
      client.registerUser(registering(), { ...puppet, signal: early }),
      "ACTION_CANCELED",
    );

    const asking = new AbortController();
    const { handler, asked } = waiting();
    const action = client.registerUser(handler, { ...puppet, signal: asking.signal });
    const challenge = await asked;
    asking.abort();
    await fails(action, "ACTION_CANCELED");
    assert.equal(challenge.signal.aborted, true);

    const calling = new AbortController();
    network.before("CompleteRegistration", () => calling.abort());
    const options = { ...puppet, signal: calling.signal };
    await fails(client.registerUser(registering(), options), "ACTION_CANCELED");
    network.before("CompleteRegistration", () => undefined);
    await registerUser({ client });
  });

  it("that a handler ends and then cancels leaves no failure that nobody hears", async () => {
    const { client } = openPhone(server());
    const profile = await registerUser({ client });
    const unheard: unknown[] = [];
    const listen = (reason: unknown): unknown => unheard.push(reason);
    const others = process.rawListeners(
      "unhandledRejection",
    ) as NodeJS.UnhandledRejectionListener[];
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", listen);
    try {
      const ending = new AbortController();
      const handler: AuthenticationHandler = {
        onPin(challenge) {
          ending.abort();
          challenge.cancel();
        },
      };
      const action = client.authenticateUser(profile, handler, { signal: ending.signal });
      await fails(action, "ACTION_CANCELED");
      await new Promise(setImmediate);
    } finally {
      process.off("unhandledRejection", listen);
      for (const other of others) process.on("unhandledRejection", other);
    }
    assert.deepEqual(unheard, []);
  });

  it("is cancelled by a reset and by the end of the client, which takes no more", async () => {
    const { client, again } = openPhone(server());
    for (const end of [() => client.reset(), () => client[Symbol.asyncDispose]()]) {
      const { handler, asked } = waiting();
      const action = client.registerUser(handler, puppet);
      const refused = fails(action, "ACTION_CANCELED");
      await asked;
      await end();
      await refused;
    }
    await fails(client.start(), "INVALID_STATE");
    await fails(client.userProfiles(), "INVALID_STATE");
    await registerUser({ client: again() });
  });

  it("fails with an error of the SDK whatever the app hands to it", async () => {
    const { client } = openPhone(server());
    const profile = await registerUser({ client });
    const wrong: Promise<unknown>[] = [
      client.authenticateUser(undefined as never, typing(pin)),
      client.authenticateUser(profile, undefined as never),
      client.registerUser(undefined as never, puppet),
      client.validatePinWithPolicy(undefined as never),
      client.setPreferredAuthenticator(undefined as never, "pin"),
    ];
    for (const action of wrong) {
      const error = await action.then(
        () => assert.fail("it came to something"),
        (reason: Error) => reason,
      );
      assert.equal(error.name, "SdkError", String(error.stack));
    }
    await client.authenticateUser(profile, typing(pin));
  });
});
