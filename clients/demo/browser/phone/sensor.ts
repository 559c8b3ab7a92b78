// The phone's fingerprint sensor, played by three buttons.
import type { Biometrics } from "../../../sdk/types.ts";
import { button, make, row } from "../elements.ts";

function ask(signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const lift = (): void => reject(new Error("Nobody touched the sensor."));
  const dialog = make(
    "dialog",
    { "aria-labelledby": "sensor-title" },
    make("h2", { id: "sensor-title" }, "Touch the sensor"),
    make("p", {}, "This phone only plays a sensor: say whose finger it is."),
    row(
      button("My finger", () => resolve(true), "main"),
      button("Another finger", () => resolve(false)),
      button("No finger", lift, "quiet"),
    ),
  );
  dialog.addEventListener("cancel", lift);
  signal.addEventListener("abort", lift);
  document.body.append(dialog);
  dialog.showModal();
  return promise.finally(() => {
    signal.removeEventListener("abort", lift);
    dialog.remove();
  });
}

/** The sensor. */
export const sensor: Biometrics = { isAvailable: async () => true, confirm: ask };
