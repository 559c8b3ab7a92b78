// Requests that may be large, and those that may not, by every protocol: the bound follows the setting
// `secure_message` where the contract says so, and stays where it does not.
import assert from "node:assert/strict";
import {
  type FetchMessageResponse,
  StartMobileAuthenticationRequest,
} from "../../gen/gatewright/v1/mobile_auth.ts";
import { IssueTokenRequest } from "../../gen/gatewright/v1/token.ts";
import { answerLimitBytes, requestLimitBytes } from "../../proto/bounds.ts";
import { listenGrpc } from "../../server/rpc/listener.ts";
import type { RpcClient } from "../support/rpc.ts";
import { rpcClient } from "../support/rpc.ts";
import { behind, bothWays, postForm, raw, statuses, ways } from "./two_ways.ts";

const mib = 1 << 20;
const start = "/oauth/api/v4/authenticate/user";
const startRpc = "/gatewright.v1.MobileAuthenticationService/StartMobileAuthentication";
const tokenRpc = "/gatewright.v1.TokenService/IssueToken";
const settings = [64 << 10, 4 * mib];

for (const secureMessageBytes of settings) {
  describe(`a secure_message of ${secureMessageBytes} bytes (D-54)`, function () {
    // Texts of 32 MiB take their time on a busy machine.
    this.timeout(60_000);
    // Three bytes each in UTF-8, nine in a form: the dearest text there is.
    const message = "€".repeat(Math.floor(secureMessageBytes / 3));
    let both: Awaited<ReturnType<typeof bothWays>>;
    let seen: string[];
    before(async () => {
      both = await bothWays({ secureMessageBytes });
    });
    after(() => both.stop());
    beforeEach(() => {
      seen = [];
      both.server.handle = ({ secureMessage }) => {
        seen.push(secureMessage);
        return { transactionId: "t" };
      };
    });

    for (const way of ways) {
      it(`passes as a form whose every byte is escaped, ${way}`, async () => {
        const form = `secure_message=${encodeURIComponent(message)}`;
        const response = await postForm(both.gateways[way].public, start, form);
        assert.equal(response.status, 200, await response.text());
        assert.ok(seen[0] === message && seen.length === 1);
      });

      it(`passes over Connect, ${way}`, async () => {
        const response = await fetch(`http://${both.gateways[way].public}${startRpc}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ secureMessage: message }),
        });
        assert.equal(response.status, 200, await response.text());
        assert.ok(seen[0] === message && seen.length === 1);
      });

      it(`comes back encrypted, whatever JSON and base64 make of it, ${way}`, async () => {
        const longest = "x".repeat(8 * secureMessageBytes);
        both.server.handle = (): Partial<FetchMessageResponse> => ({ message: longest });
        const response = await fetch(
          `http://${both.gateways[way].public}/oauth/v1/mobile-auth/fetch`,
          {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: "{}",
          },
        );
        assert.equal(response.status, 200);
        assert.ok(((await response.json()) as { message: string }).message === longest);
        assert.ok(longest.length < answerLimitBytes(secureMessageBytes));
      });

      it(`is BODY_TOO_LARGE with its number beyond what escaping explains, ${way}`, async () => {
        const limit = requestLimitBytes({ large: true }, secureMessageBytes);
        const head = "secure_message=";
        const fits = head + "x".repeat(limit - head.length);
        const { public: address } = both.gateways[way];
        assert.equal((await postForm(address, start, fits)).status, 200);
        const response = await postForm(address, start, `${fits}x`);
        const { error_code } = (await response.json()) as { error_code: string };
        assert.deepEqual([response.status, error_code], [413, "1005"]);
        assert.equal(seen.length, 1);
      });

      it(`leaves the bound of every other method where it was, ${way}`, async () => {
        const { public: address } = both.gateways[way];
        const body = `grant_type=refresh_token&x=${"x".repeat(mib)}`;
        assert.equal((await postForm(address, "/oauth/token", body)).status, 413);
        const relayed = await fetch(`http://${address}${tokenRpc}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ x: "x".repeat(mib) }),
        });
        const { code } = (await relayed.json()) as { code: string };
        assert.equal(code, "resource_exhausted");
        assert.equal(seen.length, 0);
      });
    }

    it("is let through or refused before it is sent to a caller that asks first", async () => {
      const { public: address } = both.gateways.embedded;
      const limit = requestLimitBytes({ large: true }, secureMessageBytes);
      const asks = (path: string, length: number): Promise<string> => {
        const type = "content-type: application/x-www-form-urlencoded\r\n";
        const rest = `${type}expect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`;
        return raw(address, `POST ${path} HTTP/1.1\r\nhost: a\r\n${rest}`, true);
      };
      assert.deepEqual(statuses(await asks(start, limit)), [100, 400]);
      assert.deepEqual(statuses(await asks(start, limit + 1)), [413]);
      assert.deepEqual(statuses(await asks("/oauth/token", mib + 1)), [413]);
    });
  });
}

describe("a large request over gRPC (D-54)", () => {
  for (const secureMessageBytes of settings) {
    it(`is bounded by its method, with ${secureMessageBytes} bytes of secure_message`, async () => {
      const server = behind();
      const options = { trustedProxies: [], secureMessageBytes };
      const listener = await listenGrpc("127.0.0.1:0", server.procedures, options);
      const client: RpcClient = rpcClient(listener.address);
      let seen = 0;
      server.handle = () => {
        seen++;
        return {};
      };
      const call = async (path: string, bytes: Uint8Array) => {
        const { code, reason } = await client.callBytes(path, bytes);
        return [code, reason];
      };
      const started = (length: number): Uint8Array =>
        StartMobileAuthenticationRequest.encode(
          StartMobileAuthenticationRequest.fromPartial({ secureMessage: "x".repeat(length) }),
        ).finish();
      const asked = IssueTokenRequest.encode(
        IssueTokenRequest.fromPartial({ grantType: "x".repeat(mib + 1) }),
      ).finish();
      try {
        assert.deepEqual(await call(startRpc, started(secureMessageBytes)), [0, undefined]);
        assert.equal(seen, 1);
        const limit = requestLimitBytes({ large: true }, secureMessageBytes);
        assert.equal((await call(startRpc, started(limit + 1)))[0], 8);
        assert.deepEqual(await call(tokenRpc, asked), [8, "BODY_TOO_LARGE"]);
        assert.equal(seen, 1);
      } finally {
        client.close();
        await listener.close(0);
      }
    });
  }
});
