// The part of the walk in which a user looks at the own devices at the portal, and removes one.
import type { Cast, Login } from "./cast.ts";
import { press } from "./cast.ts";
import { at, expectAt, expectStatus, expectThat, textAt } from "./expectation.ts";
import { user } from "./portal.ts";

/** Shows the device list, the end of a device, and what the server remembers of all that. */
export async function showDevices(cast: Cast, login: Login): Promise<void> {
  const { stage } = cast;
  const { phone, profileId, refreshToken } = login;
  stage.section("The devices at the portal");

  await stage.step(`${user.name} looks at the own devices`, async (say) => {
    const { body } = expectStatus(await press(cast, "/devices"), 200);
    const name = textAt(body, "devices.0.name");
    expectAt(body, "devices.0.id", phone.clientId);
    say(`${name}, ${textAt(body, "devices.0.platform")}, ${textAt(body, "devices.0.application")}`);
  });

  await stage.step(`${user.name} removes them all`, async (say) => {
    const removal = await press(cast, "/devices", undefined, "DELETE");
    expectStatus(removal, 204);
    expectStatus(await press(cast, "/devices"), 404);
    say("its tokens, profiles and authenticators are gone");
  });

  await stage.step("The phone tries to log in with the right PIN", async (say) => {
    const { body } = expectStatus(await phone.refresh(refreshToken, profileId), 400);
    expectAt(body, "error_code", "profile_revoked");
    say("invalid_grant, profile_revoked: the app asks its user to register again");
  });

  await stage.step("The portal shows what happened", async (say) => {
    const { body } = expectStatus(await press(cast, "/activity"), 200);
    const events = at(body, "result_set");
    const types = (Array.isArray(events) ? events : []).map((event) => at(event, "event_type"));
    for (const type of [
      "CUSTOM_REGISTRATION_COMPLETE_SUCCESS",
      "CUSTOM_AUTHENTICATOR_AUTHENTICATION_SUCCESS",
      "API_DEVICE_REMOVED",
    ]) {
      expectThat(types.includes(type), type, types);
    }
    say(`${types.length} events about ${user.name}, the newest first`);
  });
}
