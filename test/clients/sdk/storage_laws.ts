// What holds of every store of a device. A plain module of the web: it runs in a browser as it runs here.
import { SdkError } from "../../../clients/sdk/error.ts";
import type { Bytes, DeviceStorage } from "../../../clients/sdk/storage.ts";

/** A place with one store, empty at first. */
export interface Place {
  /** Gives the store as another part of the same app would open it. */
  open(): DeviceStorage;
  /** Opens an empty store in another place. */
  elsewhere(): DeviceStorage;
}

/** A law: resolves when it holds. */
export interface Law {
  readonly name: string;
  holds(place: Place): Promise<void>;
}

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);
const shown = (value: unknown): string =>
  value instanceof Uint8Array
    ? `bytes ${value.join()}`
    : `${typeof value} ${JSON.stringify(value)}`;

function equal(actual: unknown, expected: unknown): void {
  if (shown(actual) === shown(expected)) return;
  throw new Error(`${shown(actual)} should be ${shown(expected)}`);
}

function different(actual: unknown, other: unknown): void {
  if (shown(actual) === shown(other)) throw new Error(`twice ${shown(actual)}`);
}

async function fails(work: Promise<unknown>, reason: string): Promise<void> {
  const outcome = await work.catch((error: unknown) => error);
  equal(outcome instanceof SdkError ? outcome.reason : outcome, reason);
}

const longestName = "a.b_c-0".padEnd(128, "z");
const names = ["a", ".", "..", "-", "con", "keys", "lock", "constructor", "__proto__", longestName];
const wrongNames = ["", "A", "a/b", "../a", "ä", "a b", "a\n", "a\0", `${longestName}z`];
const texts = ["", "text", '{"a":1}', "\0\r\n\ufeff", "ä€😀", "x".repeat(1_000_000)];

const textLaws: readonly Law[] = [
  {
    name: "gives undefined for what was never written",
    holds: async ({ open }) => equal(await open().read("a"), undefined),
  },
  {
    name: "gives a text as it was written, to whoever opens the same place",
    async holds({ open, elsewhere }) {
      const [writer, reader] = [open(), open()];
      for (const text of texts) {
        await writer.write("a", text);
        equal(await reader.read("a"), text);
      }
      equal(await elsewhere().read("a"), undefined);
    },
  },
  {
    name: "keeps texts of all names apart",
    async holds({ open }) {
      const store = open();
      for (const name of names) await store.write(name, `of ${name}`);
      for (const name of names) equal(await open().read(name), `of ${name}`);
    },
  },
  {
    name: "refuses names of another form, and has then done nothing",
    async holds({ open }) {
      const store = open();
      for (const name of wrongNames) {
        await fails(store.read(name), "GENERAL_ERROR");
        await fails(store.write(name, "text"), "GENERAL_ERROR");
        await fails(store.remove(name), "GENERAL_ERROR");
      }
      equal(await store.read("a"), undefined);
    },
  },
  {
    name: "removes a text and no other, also one that is not there",
    async holds({ open }) {
      const store = open();
      await store.write("a", "1");
      await store.write("b", "2");
      await store.remove("a");
      await store.remove("a");
      equal(await open().read("a"), undefined);
      equal(await open().read("b"), "2");
    },
  },
  {
    name: "has one of the texts that were written at once, whole",
    async holds({ open }) {
      const long = Array.from({ length: 8 }, (_, at) => String(at).repeat(50_000));
      const stores = [open(), open()];
      await Promise.all(long.map((text, at) => stores[at % 2]!.write("a", text)));
      const kept = await open().read("a");
      equal(long.filter((text) => text === kept).length, 1);
    },
  },
];

async function verifies(publicJwk: object, signature: Bytes, data: Bytes): Promise<boolean> {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const { subtle } = crypto;
  const key = await subtle.importKey("jwk", { ...publicJwk }, curve, false, ["verify"]);
  return subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, data);
}

const keyLaws: readonly Law[] = [
  {
    name: "makes one signing key for all who ask at once, and keeps it",
    async holds({ open, elsewhere }) {
      const stores = [open(), open(), open()];
      const keys = await Promise.all(stores.map((store) => store.signingKey()));
      for (const { publicJwk } of keys) equal(publicJwk, keys[0]!.publicJwk);
      equal((await open().signingKey()).publicJwk, keys[0]!.publicJwk);
      different((await elsewhere().signingKey()).publicJwk, keys[0]!.publicJwk);
    },
  },
  {
    name: "signs by ES256 so that the public key verifies, of which nothing private is shown",
    async holds({ open }) {
      const { publicJwk, sign } = await open().signingKey();
      equal(Object.keys(publicJwk).toSorted(), ["crv", "kty", "x", "y"]);
      const signature = await sign(bytesOf("data"));
      equal(signature.length, 64);
      equal(await verifies(publicJwk, signature, bytesOf("data")), true);
      equal(await verifies(publicJwk, signature, bytesOf("date")), false);
    },
  },
  {
    name: "opens what it sealed, each time otherwise, and shows nothing of it",
    async holds({ open }) {
      for (const text of ["", "secret", "x".repeat(100_000)]) {
        const [one, other] = [await open().seal(bytesOf(text)), await open().seal(bytesOf(text))];
        different(one, other);
        equal(await open().open(one), bytesOf(text));
        equal(await open().open(other), bytesOf(text));
        if (text) equal(new TextDecoder().decode(one).includes(text), false);
      }
    },
  },
  {
    name: "opens nothing that was sealed elsewhere, changed or cut",
    async holds({ open, elsewhere }) {
      const store = open();
      const sealed = await store.seal(bytesOf("secret"));
      const foreign = await elsewhere().seal(bytesOf("secret"));
      const changed = [...sealed.keys()].map((at) =>
        sealed.map((byte, index) => (index === at ? byte ^ 1 : byte)),
      );
      const cut = [...sealed.keys()].map((length) => sealed.slice(0, length));
      for (const bytes of [foreign, ...changed, ...cut]) {
        await fails(store.open(bytes), "DATA_STORAGE_UNRECOVERABLE");
      }
      equal(await store.open(sealed), bytesOf("secret"));
    },
  },
  {
    name: "derives 32 bytes that depend on the input and on the device, and on nothing else",
    async holds({ open, elsewhere }) {
      const derived = await open().derive(bytesOf("a"));
      equal(derived.length, 32);
      equal(await open().derive(bytesOf("a")), derived);
      different(await open().derive(bytesOf("b")), derived);
      different(await elsewhere().derive(bytesOf("a")), derived);
    },
  },
];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const togetherLaws: readonly Law[] = [
  {
    name: "clears texts and keys for all who have it open, and can be used again",
    async holds({ open }) {
      const [store, other] = [open(), open()];
      await store.write("a", "1");
      const key = await store.signingKey();
      const sealed = await store.seal(bytesOf("secret"));
      const derived = await store.derive(bytesOf("a"));
      await other.clear();
      equal(await store.read("a"), undefined);
      different((await store.signingKey()).publicJwk, key.publicJwk);
      different(await store.derive(bytesOf("a")), derived);
      await fails(store.open(sealed), "DATA_STORAGE_UNRECOVERABLE");
      await store.write("a", "2");
      equal(await other.read("a"), "2");
      equal((await other.signingKey()).publicJwk, (await store.signingKey()).publicJwk);
    },
  },
  {
    name: "survives being cleared while others write and read",
    async holds({ open }) {
      const works = Array.from({ length: 12 }, async (_, at) => {
        const store = open();
        for (let time = 0; time < 4; time += 1) {
          await store.write(`text${at}`, `${time}`);
          const kept = await store.read(`text${at}`);
          if (kept !== undefined) equal(kept, `${time}`);
          if (at === 0) await store.clear();
        }
      });
      await Promise.all(works);
      const store = open();
      await store.clear();
      for (const at of works.keys()) equal(await store.read(`text${at}`), undefined);
    },
  },
  {
    name: "does exclusive works one at a time, whoever gives them",
    async holds({ open }) {
      const stores = [open(), open()];
      await stores[0]!.write("count", "0");
      const works = Array.from({ length: 20 }, (_, at) => {
        const store = stores[at % 2]!;
        return store.exclusively(async () => {
          const count = Number(await store.read("count"));
          await pause(at % 3);
          await store.write("count", String(count + 1));
          return at;
        });
      });
      equal(await Promise.all(works), [...works.keys()]);
      equal(await open().read("count"), "20");
    },
  },
  {
    name: "gives the failure of exclusive work as it is and goes on",
    async holds({ open }) {
      const store = open();
      const failure = new Error("of the work");
      const outcomes = await Promise.allSettled([
        store.exclusively(() => Promise.reject(failure)),
        store.exclusively(() => {
          throw failure;
        }),
        store.exclusively(async () => "done"),
      ]);
      const [rejected, thrown, done] = outcomes;
      equal(rejected.status === "rejected" && rejected.reason === failure, true);
      equal(thrown.status === "rejected" && thrown.reason === failure, true);
      equal(done.status === "fulfilled" && done.value, "done");
    },
  },
];

/** Every law. */
export const laws: readonly Law[] = [...textLaws, ...keyLaws, ...togetherLaws];
