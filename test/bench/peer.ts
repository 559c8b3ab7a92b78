// The peer's process: oidc-provider as a certified library, in memory, with a token endpoint that
// takes private_key_jwt. Its one argument is the JWK set of its clients. Source: design page on
// performance.
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Context } from "oidc-provider";
import Provider from "oidc-provider";
import type { PeerReady } from "./peer_ready.ts";
import { peerReadyLine } from "./peer_ready.ts";

const logins = 64;
const scope = "openid offline_access";

type Payload = Record<string, unknown> & { grantId?: string };

// The adapter that the package ships keeps a thousand entries and so drops live tokens under load.
// Models come and go with the process: nothing expires here.
class MapAdapter {
  static readonly #all = new Map<string, Payload>();
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  #name(id: string): string {
    return `${this.#model}:${id}`;
  }

  async upsert(id: string, payload: Payload): Promise<void> {
    MapAdapter.#all.set(this.#name(id), payload);
  }

  async find(id: string): Promise<Payload | undefined> {
    return MapAdapter.#all.get(this.#name(id));
  }

  async consume(id: string): Promise<void> {
    const payload = MapAdapter.#all.get(this.#name(id));
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    MapAdapter.#all.delete(this.#name(id));
  }

  async revokeByGrantId(): Promise<void> {
    throw new Error("the bench never reuses a token");
  }
}

const clientOf = (id: string, jwks: unknown) => ({
  client_id: id,
  jwks,
  token_endpoint_auth_method: "private_key_jwt",
  token_endpoint_auth_signing_alg: "ES256",
  id_token_signed_response_alg: "ES256",
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  redirect_uris: ["https://app.example.com/callback"],
});

const hour = 3600;

function open(issuer: string, jwks: unknown): Provider {
  const signingKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  return new Provider(issuer, {
    adapter: MapAdapter,
    clients: ["keeping", "rotating"].map((id) => clientOf(id, jwks)),
    jwks: { keys: [{ ...signingKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] },
    cookies: { keys: ["nothing is remembered in cookies here"] },
    scopes: ["openid", "offline_access"],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id }),
    }),
    rotateRefreshToken: ({ oidc }: Context) => oidc.client.clientId === "rotating",
    ttl: { AccessToken: hour, ClientCredentials: hour, IdToken: hour, RefreshToken: 24 * hour },
  });
}

async function logIn(provider: Provider, clientId: string): Promise<string[]> {
  const client = await provider.Client.find(clientId);
  const authTime = Math.floor(Date.now() / 1000);
  const one = async (accountId: string): Promise<string> => {
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope(scope);
    const grantId = await grant.save();
    const gty = "authorization_code";
    return new provider.RefreshToken({ accountId, client, grantId, gty, scope, authTime }).save();
  };
  return Promise.all(Array.from({ length: logins }, (_, index) => one(`user-${index}`)));
}

const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const provider = open(origin, JSON.parse(process.argv[2] as string));
server.on("request", provider.callback());
const ready: PeerReady = {
  origin,
  tokens: {
    keeping: await logIn(provider, "keeping"),
    rotating: await logIn(provider, "rotating"),
  },
};
console.log(peerReadyLine + JSON.stringify(ready));
