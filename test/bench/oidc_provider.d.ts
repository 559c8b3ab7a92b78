// The part of oidc-provider that the peer uses; the package brings no types of its own.
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface Saved {
    save(): Promise<string>;
  }
  interface Grant extends Saved {
    addOIDCScope(scope: string): void;
  }
  interface Context {
    readonly oidc: { readonly client: { readonly clientId: string } };
  }

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    readonly Grant: new (of: {
      accountId: string;
      clientId: string;
    }) => Grant;
    readonly RefreshToken: new (
      of: Record<string, unknown>,
    ) => Saved;
    readonly Client: { find(id: string): Promise<unknown> };
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}
