// The longest message that can be set up, from a portal to a phone: whatever a form, JSON, OpenPGP and base64
// make of it on its way, through one process and through two.
import assert from "node:assert/strict";
import { sendStart, start } from "../support/mobile_portal.ts";
import { enrolPhone } from "../support/openpgp_phone.ts";
import type { Deployment } from "../support/server.ts";
import { serverFor } from "../support/server.ts";
import { usualSetup } from "../support/usual_setup.ts";

const longest = 4 << 20;
/** Texts of as many bytes: what grows most as JSON, as a form, and what hardly grows. */
const texts: Readonly<Record<string, string>> = {
  "control characters": "\u0001".repeat(longest),
  "letters of three bytes": `${"€".repeat((longest - 1) / 3)}x`,
  "plain text": "All of it. ".repeat(longest / 8).slice(0, longest),
};

for (const deployment of ["embedded", "split"] satisfies Deployment[]) {
  describe(`messages of 4 MiB, ${deployment} (D-54, SEC-47)`, function () {
    this.timeout(120_000);
    const env = { GATEWRIGHT_SECURE_MESSAGE: String(longest) };
    const server = serverFor(async () => ({ ...(await usualSetup()), deployment, env }));

    for (const [what, secure_message] of Object.entries(texts)) {
      it(`arrive as they were sent: ${what}`, async () => {
        assert.equal(Buffer.byteLength(secure_message), longest);
        const phone = await enrolPhone(server(), `reader of ${what}`);
        const started = await start(server(), { secure_message });
        const { message } = await phone.fetch(started);
        assert.ok(message === secure_message);
        assert.equal((await phone.respond(started.id, true)).status, 204);
      });
    }

    it("are refused with the documented number when they are a byte longer", async () => {
      for (const text of Object.values(texts)) {
        const answer = await sendStart(server(), { type: "login", secure_message: `${text}x` });
        assert.deepEqual([answer.status, answer.json.error_code], [400, "1005"]);
      }
      const secure_message = "x".repeat(14 << 20);
      const answer = await sendStart(server(), { type: "login", secure_message });
      assert.deepEqual([answer.status, answer.json.error_code], [413, "1005"]);
    });
  });
}
