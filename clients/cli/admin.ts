// The administration of the server that the environment names.
import { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import { AuditServiceDefinition } from "../../gen/gatewright/v1/audit.ts";
import { CallbackAdminServiceDefinition } from "../../gen/gatewright/v1/callback.ts";
import { ScriptAdminServiceDefinition } from "../../gen/gatewright/v1/script_admin.ts";
import { basicAuthorization } from "../basic_authorization.ts";
import type { Wire } from "../client.ts";
import { createClient } from "../client.ts";
import { webWire } from "../web.ts";
import type { Administration } from "./command.ts";
import { SettingFault } from "./command.ts";

/** What the command line takes from the environment. */
export interface Environment {
  readonly GATEWRIGHT_ADMIN_URL?: string | undefined;
  readonly GATEWRIGHT_ADMIN_SECRET?: string | undefined;
}

/** Gives where the admin listener is. */
export const adminUrl = ({ GATEWRIGHT_ADMIN_URL }: Environment): string =>
  GATEWRIGHT_ADMIN_URL || "http://127.0.0.1:8081";

/**
 * Gives a client of the administration, which authenticates as the API client `admin`. Throws
 * `SettingFault` when a variable is missing or no URL.
 */
export function adminClient(environment: Environment): Administration {
  const url = adminUrl(environment);
  const protocol = URL.parse(url)?.protocol;
  if (protocol !== "http:" && protocol !== "https:") {
    throw new SettingFault(
      `GATEWRIGHT_ADMIN_URL is ${url}; it takes a URL such as http://127.0.0.1:8081`,
    );
  }
  const secret = environment.GATEWRIGHT_ADMIN_SECRET;
  if (!secret) {
    throw new SettingFault(
      "GATEWRIGHT_ADMIN_SECRET is not set; it takes the secret of the API client admin, which the " +
        "server prints once, at its first start",
    );
  }
  const wire = webWire(url);
  const headers = basicAuthorization("admin", secret);
  const authenticated: Wire = {
    unary: (path, request, call) =>
      wire.unary(path, request, { ...call, headers: { ...call.headers, ...headers } }),
    stream: (path, request, call) =>
      wire.stream(path, request, { ...call, headers: { ...call.headers, ...headers } }),
  };
  return {
    ...createClient(AdminServiceDefinition, authenticated),
    ...createClient(ScriptAdminServiceDefinition, authenticated),
    ...createClient(AuditServiceDefinition, authenticated),
    ...createClient(CallbackAdminServiceDefinition, authenticated),
  };
}
