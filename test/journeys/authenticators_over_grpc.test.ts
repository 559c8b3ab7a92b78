// Authenticators over gRPC: the same stories, bytes and refusals as over REST.
import assert from "node:assert/strict";
import {
  AuthenticateResponse,
  ListAuthenticatorsResponse,
  RegisterAuthenticatorResponse,
} from "../../gen/gatewright/v1/authenticator.ts";
import { beginProfile, listAuthenticators } from "../support/authenticators.ts";
import type { KeyClient, Portal } from "../support/client.ts";
import { portal, registerPhone } from "../support/client.ts";
import type { RpcEnd } from "../support/rpc.ts";
import type { Deployment } from "../support/server.ts";
import { serverFor } from "../support/server.ts";
import { say, secrets } from "../support/usual_setup.ts";
import type { Holder } from "./authenticator_setup.ts";
import { authenticatorSetup } from "./authenticator_setup.ts";
import type { Ask } from "./doors.ts";
import { authenticate, overGrpc, overRest } from "./doors.ts";

const profileId = "W8DUJ2";

for (const deployment of ["embedded", "split"] satisfies Deployment[]) {
  describe(`authenticators over gRPC, ${deployment}`, function () {
    this.timeout(30_000);
    let holder: Holder;
    let phone: KeyClient;
    let resource: Portal;
    let token: string;
    const server = serverFor(async () => {
      const made = await authenticatorSetup();
      holder = made.holder;
      return { ...made.usual, deployment };
    });
    before(() => {
      resource = portal(server(), "portal", secrets.portal);
    });
    beforeEach(async () => {
      phone = await registerPhone(server());
      token = (await beginProfile(phone, profileId)).access_token;
    });
    after(async () => holder?.[Symbol.asyncDispose]());

    const bytesOf = async (ask: Ask): Promise<Uint8Array> => {
      const end = await overGrpc(server(), ask);
      assert.equal(end.code, 0, end.details);
      return end.bytes ?? new Uint8Array();
    };
    const asUser = (method: Ask["method"], message: Ask["message"] = {}): Ask => ({
      method,
      message,
      authorization: `Bearer ${token}`,
    });
    const asPhone = async (message: Ask["message"]): Promise<Ask> => ({
      method: "authenticate",
      message: { ...(await authenticate(phone)), profileId, ...message },
    });
    const register = async (authenticator: string, data?: string) =>
      RegisterAuthenticatorResponse.decode(
        await bytesOf(asUser("registerAuthenticator", { authenticator, data })),
      );
    const logIn = async (authenticator: string, data?: string) =>
      AuthenticateResponse.decode(await bytesOf(await asPhone({ authenticator, data })));

    it("walk through registration, authentication and deregistration", async () => {
      const registered = await register("voice", say(2000, "enrolled"));
      assert.deepEqual([registered.status, registered.data], [2000, "enrolled"]);
      const { status, data, oauthToken } = await logIn("voice", say(2000, "welcome"));
      assert.deepEqual([status, data, oauthToken?.refreshToken], [2000, "welcome", undefined]);
      const { json } = await resource.introspect(oauthToken?.accessToken ?? "");
      assert.deepEqual([json.sub, json.amr], ["alice", ["CUSTOM_AUTHENTICATOR"]]);
      await bytesOf(asUser("deregisterAuthenticator", { authenticator: "voice" }));
      const end = await overGrpc(server(), await asPhone({ authenticator: "voice" }));
      assert.deepEqual([end.code, end.reason], [5, "NOT_REGISTERED"]);
    });

    it("list what REST lists", async () => {
      await register("voice", say(2000));
      const bytes = await bytesOf(asUser("listAuthenticators"));
      const { authenticators } = ListAuthenticatorsResponse.decode(bytes);
      const { json } = await listAuthenticators(server(), token);
      assert.deepEqual(
        authenticators.map(({ registeredAt, ...rest }) => ({
          ...rest,
          ...(registeredAt === undefined ? {} : { registered_at: registeredAt }),
        })),
        json.authenticators,
      );
    });

    it("give back byte for byte what was kept, and null for nothing (D-40)", async () => {
      for (const text of ["", "a\0b", "\u{1f600}e\u0301\u20ac", "x".repeat(65_536)]) {
        await register("keep", text);
        assert.equal((await logIn("keep")).data, text);
      }
      await register("keep");
      assert.equal((await logIn("keep")).data, undefined);
    });

    it("give the fingerprint a refresh token of its own (D-43)", async () => {
      const { status, refreshToken = "" } = await register("fingerprint");
      assert.deepEqual([status, /^[0-9A-F]{64}$/.test(refreshToken)], [2000, true]);
      const fields = { profile_id: profileId, authenticator: "fingerprint" };
      const { json } = await phone.refresh(refreshToken, fields);
      const { amr } = (await resource.introspect(String(json.access_token))).json;
      assert.deepEqual(amr, ["FINGER_PRINT"]);
    });

    it("refuse an id with a zero character and payloads over 64 KiB", async () => {
      const refused = async (ask: Ask): Promise<RpcEnd["reason"]> =>
        (await overGrpc(server(), ask)).reason;
      const message = { authenticator: "a\0b" };
      for (const ask of [
        asUser("registerAuthenticator", message),
        asUser("deregisterAuthenticator", message),
        await asPhone(message),
      ]) {
        assert.equal(await refused(ask), "AUTHENTICATOR_NOT_FOUND");
      }
      const long = { authenticator: "keep", data: "\u20ac".repeat(21_846) };
      assert.equal(await refused(asUser("registerAuthenticator", long)), "REQUEST_INVALID");
      assert.equal(await refused(await asPhone(long)), "REQUEST_INVALID");
    });

    it("answer a registration over both doors alike", async () => {
      const ask = asUser("registerAuthenticator", {
        authenticator: "voice",
        data: say(4000, "no"),
      });
      const { json } = await overRest(server(), ask);
      const { status, data } = RegisterAuthenticatorResponse.decode(await bytesOf(ask));
      assert.deepEqual({ status, data }, json);
    });
  });
}
