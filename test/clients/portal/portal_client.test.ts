// The verbs of the portal's client against the real server.
import assert from "node:assert/strict";
import { registerPhone, tokensOf } from "../../support/client.ts";
import { letIn } from "../../support/usual_setup.ts";
import { placeOf, reasonOf, rows, ways } from "./portal_place.ts";

for (const row of rows) {
  describe(`a portal over ${row.name} with the ${row.deployment} deployment`, function () {
    this.timeout(90_000);
    const { server, phone, open } = placeOf(row);

    it("runs backchannel scripts, whose no is a status", async () => {
      const portal = open("portal");
      const data = JSON.stringify({ status: 4321, responsePayload: "no ä" });
      assert.deepEqual(await portal.backchannel("puppet", data), { status: 4321, data: "no ä" });
      assert.equal(await reasonOf(portal.backchannel("nobody")), "IDP_NOT_FOUND");
      assert.equal(await reasonOf(open("bank").backchannel("puppet")), "PERMISSION_MISSING");
    });

    it("asks what tokens are good for", async () => {
      const client = await registerPhone(server());
      const registered = await client.complete("puppet", {
        data: letIn("carol"),
        profile_id: "CAROL1",
      });
      const portal = open("portal");
      const { access_token: token } = tokensOf(registered);
      const { active, sub, scope } = await portal.introspect(token);
      assert.deepEqual([active, sub, scope], [true, "carol", "read"]);
      assert.equal((await portal.introspect("F".repeat(64))).active, false);
    });

    it("says at once that it is not believed", async () => {
      const stranger = open("bank", "wrong");
      const works = [
        stranger.backchannel("puppet"),
        stranger.introspect("A"),
        stranger.startMobileAuthentication({ type: "login" }),
        stranger.authenticationTypes("alice"),
        stranger.mobileAuthentication("a"),
        ...ways.map((way) => stranger.awaitMobileAuthentication("a", { way })),
      ];
      const reasons = await Promise.all(works.map(reasonOf));
      assert.deepEqual(
        new Set(reasons),
        new Set(["CLIENT_AUTHENTICATION_FAILED", "CLIENT_CREDENTIALS_REJECTED"]),
      );
    });

    it("learns with what a user can be asked", async () => {
      const types = await open("bank").authenticationTypes("alice");
      assert.deepEqual(
        types.map(({ type, method }) => [type, method]).toSorted(),
        ["approve", "login", "short"].map((type) => [type, "OTP"]),
      );
      assert.deepEqual(await open("bank").authenticationTypes("nobody"), []);
    });

    it("starts with everything that it says, and asks for the result", async () => {
      const bank = open("bank");
      const started = await bank.startMobileAuthentication({
        type: "login",
        secureMessage: "Pay 10 € to Bob?",
        languageCode: "nl",
        ipAddress: "192.0.2.7",
        userAgent: "Browser",
      });
      const { transactionId, authMethod, timeToLive, otp = "" } = started;
      assert.deepEqual([authMethod, timeToLive], ["otp", 300_000]);
      assert.equal(await bank.mobileAuthentication(transactionId), undefined);
      assert.equal((await phone().fetch({ otp })).message, "Pay 10 € to Bob?");
      await phone().respond(transactionId, true);
      const result = await bank.mobileAuthentication(transactionId);
      assert.deepEqual([result?.userId, result?.isAuthenticated], ["alice", true]);
      assert.equal(
        await reasonOf(bank.mobileAuthentication(crypto.randomUUID())),
        "MOBILE_AUTHENTICATION_NOT_FOUND",
      );
      assert.equal(
        await reasonOf(bank.startMobileAuthentication({ type: "nobody" })),
        "MOBILE_AUTHENTICATION_TYPE_NOT_FOUND",
      );
    });
  });
}
