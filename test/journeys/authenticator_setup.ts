// The usual set-up with authenticators that keep and tell, and some whose script waits for the test.
import type { Receiver } from "../support/receiver.ts";
import { startReceiver } from "../support/receiver.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { usualSetup } from "../support/usual_setup.ts";

const puppet = "puppet.js";

const files = {
  // Keeps its payload, or nothing when it has none.
  "keeper.js": `function execute(payload) {
    return { status: 2000, registrationData: payload === null ? undefined : payload };
  }`,
  // Keeps as many times its payload as its first five characters say.
  "repeater.js": `function execute(payload) {
    var times = Number(payload.slice(0, 5));
    return { status: 2000, registrationData: payload.slice(5).repeat(times) };
  }`,
  // Tells what was kept, as it is.
  "teller.js": `function execute(a, b, kept) {
    return { status: 2000, responsePayload: kept === null ? undefined : kept };
  }`,
  // Does what its payload says, and tells what was kept.
  "diary.js": `function execute(payload, b, kept) {
    var told = JSON.parse(payload);
    told.responsePayload = kept;
    return told;
  }`,
};

const authenticators = [
  { id: "keep", scripts: { registration: "keeper.js", authentication: "teller.js" } },
  { id: "shown-keep", scripts: { registration: "keeper.js", authentication: "mirror.js" } },
  { id: "repeat", scripts: { registration: "repeater.js", authentication: "teller.js" } },
  { id: "diary", scripts: { registration: puppet, authentication: "diary.js" } },
  { id: "slow", scripts: { registration: puppet, authentication: "slow.js" } },
  { id: "late", scripts: { registration: "slow.js", authentication: "teller.js" } },
];

const slowProvider = {
  id: "slow",
  type: "CUSTOM_API_ONE_STEP",
  scripts: { complete: "slow.js" },
};

/** A run that has begun and waits. */
export interface Held {
  /** Resolves when the script runs. */
  readonly begun: Promise<void>;
  release(): void;
}

/** Holds the next run of `slow`, `late`, or the identity provider `slow`. */
export interface Holder extends AsyncDisposable {
  hold(): Held;
}

/** Gives the set-up, and what holds its waiting scripts; other runs of theirs do not wait. */
export async function authenticatorSetup(): Promise<{ usual: UsualSetup; holder: Holder }> {
  const usual = await usualSetup();
  let next: { begun: () => void; released: Promise<void> } | undefined;
  const receiver: Receiver = await startReceiver(async () => {
    const held = next;
    next = undefined;
    held?.begun();
    await held?.released;
  });
  const slow = `function execute(payload) {
    HTTP.request({ url: "${receiver.url}" });
    return JSON.parse(payload);
  }`;
  const [app, ...others] = usual.setup.applications as readonly [
    {
      readonly custom_authenticators: readonly string[];
      readonly identity_providers: readonly string[];
    },
    ...object[],
  ];
  const listed = [...app.custom_authenticators, ...authenticators.map(({ id }) => id)];
  return {
    usual: {
      ...usual,
      setup: {
        ...usual.setup,
        applications: [
          {
            ...app,
            custom_authenticators: listed,
            identity_providers: [...app.identity_providers, slowProvider.id],
          },
          ...others,
        ],
        identity_providers: [...usual.setup.identity_providers, slowProvider],
        authenticators: [...usual.setup.authenticators, ...authenticators],
        egress: { allow: [receiver.url] },
      } as UsualSetup["setup"],
      files: { ...usual.files, ...files, "slow.js": slow },
    },
    holder: {
      hold() {
        const begun = Promise.withResolvers<void>();
        const released = Promise.withResolvers<void>();
        next = { begun: begun.resolve, released: released.promise };
        return { begun: begun.promise, release: released.resolve };
      },
      [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
    },
  };
}
