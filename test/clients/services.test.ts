// The typed clients: every service of the contract, over both wires before the real procedures; each method arrives, each
// of its refusals comes back as its reason, and it is called again only where the contract says that it may be.
import assert from "node:assert/strict";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { grpcWire } from "../../clients/grpc.ts";
import type { CallOptions, Wire } from "../../clients/index.ts";
import * as clients from "../../clients/index.ts";
import { embedded } from "../../gateway/upstream/embedded.ts";
import type { ReasonName } from "../../proto/contract.ts";
import { answerTo, commonRefusals, exchangeOf, registry } from "../../proto/contract.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { Call } from "../../server/rpc/procedure.ts";
import type { Behind } from "../gateway/two_ways.ts";
import { behind, gateway, grpcServer } from "../gateway/two_ways.ts";

const services: readonly DescService[] = [...registry].filter(
  (desc) => desc.kind === "service" && desc.typeName.startsWith("gatewright."),
) as DescService[];

type Definitions = Readonly<Record<string, clients.ServiceDefinition>>;
type Listener = "public" | "admin";
type Send = (options?: CallOptions) => Promise<void>;

const definitionOf = ({ name }: DescService): clients.ServiceDefinition | undefined =>
  (clients as unknown as Definitions)[`${name}Definition`];

/** What makes the request of any method a valid one; a method takes what it knows. */
const request = {
  authenticator: "pin",
  delete: ["a"],
  deviceId: "a",
  grantType: "refresh_token",
  id: "a",
  idp: "qr",
  jwks: {},
  kind: "identity_providers",
  profileId: "ABC123",
  setup: {},
  softwareId: "app",
  step: "complete",
  token: "a",
  tokenId: "a",
  transactionId: "a",
  url: "http://127.0.0.1/callback",
  userId: "a",
  version: 1,
};

/** Gives what calls a method, and reads what it gives to the end. */
function sender(method: DescMethod, wire: Wire): Send {
  const definition = definitionOf(method.parent);
  assert.ok(definition);
  const all = clients.createClient(definition, wire) as Readonly<
    Record<string, (request: object, options?: CallOptions) => unknown>
  >;
  const call = all[method.localName];
  assert.ok(call, method.localName);
  if (method.methodKind === "unary") return async (options) => void (await call(request, options));
  return async (options) => {
    for await (const _ of call(request, options) as AsyncIterable<unknown>);
  };
}

interface Place {
  wireTo(listener: Listener): Wire;
  stop(): Promise<void>;
}

/** The wires, each before a server that does what the test says. */
const wires: Readonly<Record<string, (server: Behind) => Promise<Place>>> = {
  async grpcWire(server) {
    const { address, stop } = await grpcServer(server.procedures);
    const wire = grpcWire(address.replace("grpc://", ""));
    return {
      wireTo: () => wire,
      async stop() {
        wire[Symbol.dispose]();
        stop();
      },
    };
  },
  async webWire(server) {
    const listeners = await gateway(embedded(server.procedures));
    return {
      wireTo: (listener) => clients.webWire(`http://${listeners[listener]}`),
      stop: listeners.stop,
    };
  },
};

const methods = services.flatMap((service) => service.methods);
const titleOf = (method: DescMethod): string => `${method.parent.name}.${method.name}`;

describe("the typed clients", () => {
  it("are there for every service and method of the contract, and no other", () => {
    const exported = Object.keys(clients).filter((name) => name.endsWith("Definition"));
    assert.deepEqual(
      exported.toSorted(),
      services.map(({ name }) => `${name}Definition`).toSorted(),
    );
    for (const service of services) {
      const definition = definitionOf(service);
      assert.equal(definition?.fullName, service.typeName);
      const names = service.methods.map(({ localName }) => localName);
      assert.deepEqual(Object.keys(definition.methods).toSorted(), names.toSorted());
    }
    assert.ok(methods.length > 50, `${methods.length} methods`);
  });

  for (const [name, open] of Object.entries(wires)) {
    describe(`over ${name}`, function () {
      this.timeout(60_000);
      let server: Behind;
      let place: Place;
      before(async () => {
        server = behind();
        place = await open(server);
      });
      after(() => place.stop());
      const senderTo = (method: DescMethod): Send =>
        sender(method, place.wireTo(exchangeOf(method).listener));

      it("reach every method with their headers, and come back", async () => {
        const seen: (string | undefined)[] = [];
        server.handle = (_, call: Call) => {
          seen.push(call.header("authorization"));
          return call.header("authorization")?.startsWith("Stream") ? [] : {};
        };
        for (const method of methods) {
          const word = method.methodKind === "unary" ? "Unary" : "Stream";
          await senderTo(method)({ headers: { authorization: `${word} ${titleOf(method)}` } });
        }
        assert.deepEqual(
          seen.map((one) => one?.split(" ")[1]),
          methods.map(titleOf),
        );
      });

      it("give every refusal that a method documents as its reason and its code", async () => {
        for (const method of methods) {
          const reasons: readonly ReasonName[] = [
            ...commonRefusals,
            ...exchangeOf(method).refusals,
          ];
          const send = senderTo(method);
          for (const reason of reasons) {
            server.handle = () => {
              throw new Refusal(reason as never, { detail: "só" });
            };
            const error = await send({ idempotent: false }).catch((thrown: unknown) => thrown);
            assert.ok(error instanceof clients.CallError, `${titleOf(method)} ${reason}: ${error}`);
            const known: ReasonName | undefined = error.reason;
            assert.deepEqual(
              [known, error.code, error.facts.detail],
              [reason, answerTo(reason).grpc, "só"],
              titleOf(method),
            );
          }
        }
      });

      it("repeat what the contract calls idempotent, and nothing else", async () => {
        const counts = new Map<string, number>();
        server.handle = (_, call: Call) => {
          const title = call.header("authorization") ?? "";
          counts.set(title, (counts.get(title) ?? 0) + 1);
          throw new Refusal("UNAVAILABLE");
        };
        await Promise.all(
          methods.map((method) =>
            assert.rejects(senderTo(method)({ headers: { authorization: titleOf(method) } })),
          ),
        );
        for (const method of methods) {
          const tries = exchangeOf(method).idempotent ? 3 : 1;
          assert.equal(counts.get(titleOf(method)), tries, titleOf(method));
        }
      });

      it("have a deadline, whichever method is called", async () => {
        server.handle = (_, { signal }: Call) =>
          new Promise((_, reject) =>
            signal.addEventListener("abort", () => reject(new Refusal("UNAVAILABLE"))),
          );
        const late = [clients.codeOf("deadline_exceeded"), clients.codeOf("unavailable")];
        const unary = methods.filter(({ methodKind }) => methodKind === "unary");
        const errors = await Promise.all(
          unary.map((method) =>
            senderTo(method)({ timeoutMs: 300, idempotent: false }).catch(
              (error: unknown) => error,
            ),
          ),
        );
        for (const [at, error] of errors.entries()) {
          assert.ok(
            error instanceof clients.CallError && late.includes(error.code),
            titleOf(unary[at]!),
          );
        }
      });
    });
  }
});
