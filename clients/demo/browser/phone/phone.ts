// The phone: the SDK with its storage in the browser, and how what the user does becomes an action of it.
import { indexedDbStorage } from "../../../sdk/storage/indexed_db.ts";
import type { UserClient, UserProfile } from "../../../sdk/types.ts";
import { openUserClient } from "../../../sdk/user_client.ts";
import { make, part } from "../elements.ts";
import { hush, show, warn } from "../screen.ts";
import type { PinHandlers } from "./pins.ts";
import { pinHandlers } from "./pins.ts";
import { sensor } from "./sensor.ts";
import { wordsFor } from "./words.ts";

/** The phone. */
export interface Phone {
  readonly client: UserClient;
  readonly pins: PinHandlers;
  readonly user: UserProfile | undefined;
  /** Does something that the user asked for, says what went wrong, and goes home. Nothing while it does so already. */
  attempt(work: () => Promise<unknown>): Promise<void>;
  goHome(): Promise<void>;
}

/** Shows that something takes a moment. */
export function busy(title: string): void {
  // What is under way has its own way out.
  part("aside").replaceChildren();
  show(title, make("p", { class: "lead", role: "status" }, "One moment …"));
}

/** Opens the phone. `home`: shows its first screen. */
export function openPhone(issuer: string, home: (phone: Phone) => Promise<void>): Phone {
  const client = openUserClient({
    issuer,
    application: "demo-app",
    version: "1.0",
    storage: indexedDbStorage("demo-phone"),
    biometrics: sensor,
    device: { name: "Demo phone", platform: "Web" },
  });
  let isBusy = false;
  const goHome = async (): Promise<void> => {
    try {
      await home(phone);
    } catch (error) {
      show("Something is wrong with this phone");
      warn(wordsFor(error) ?? "");
    }
  };
  const phone: Phone = {
    client,
    pins: pinHandlers(client),
    get user() {
      return client.authenticatedUserProfile;
    },
    goHome,
    async attempt(work) {
      // The second click of two on the same button.
      if (isBusy) return;
      isBusy = true;
      hush();
      let problem: string | undefined;
      try {
        await work();
      } catch (error) {
        problem = wordsFor(error);
      } finally {
        isBusy = false;
      }
      await goHome();
      warn(problem ?? "");
    },
  };
  return phone;
}
