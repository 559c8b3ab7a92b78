// Ids that callers name users, devices, profiles and tokens by.
import { Refusal } from "../../core/refusal.ts";

// What no user, installation, profile or token can be called: user ids of scripts have this form too.
const idForm = /^[^\p{Cc}\p{Cs}]+$/u;

/**
 * Gives an id that something can be called by. `name`: its field. Throws REQUEST_INVALID when it is empty
 * or has control characters, which no stored text may have. Source: SEC-79.
 */
export function readId(name: string, id: string): string {
  if (idForm.test(id)) return id;
  throw new Refusal("REQUEST_INVALID", { detail: `${name} is empty or has control characters` });
}
