// The name of a script on the command line.
import { UsageFault } from "./command.ts";

/** A slot by its parts, as requests have it. */
export interface Slot {
  readonly kind: string;
  readonly id: string;
  readonly step: string;
}

const form = /^([^/]+)\/(.+)\/([^/]+)$/;

/** Reads a slot such as `identity_providers/qr/complete`. Throws `UsageFault`. */
export function slotOf(text: string): Slot {
  const [, kind = "", id = "", step = ""] = form.exec(text) ?? [];
  if (step !== "") return { kind, id, step };
  throw new UsageFault(
    `${text} is no slot of a script; one is such as identity_providers/qr/complete, and scripts list ` +
      "names all",
  );
}
