// The requests that Gatewright is measured by.
import { randomBytes } from "node:crypto";
import type { Case } from "./case.ts";
import { assertionType } from "./client_key.ts";
import type { Gatewright, Installation } from "./gatewright.ts";
import { staticClient } from "./gatewright.ts";
import type { LoadAnswer, LoadRequest } from "./load.ts";
import { connections, contentType, hasTexts, memberOf } from "./load.ts";

/** An app installation on which a user is registered, and the refresh token to be used next. */
interface Login extends Installation {
  readonly profileId: string;
  refreshToken: string;
}

// As many as keep a login on one connection.
const loginCount = 8 * connections;

const completePath = "/oauth/v2/custom-registration/qr/complete";

/** Gives the request that completes a registration; its assertion is signed now. */
function complete(
  { key, issuer }: Gatewright,
  client: Installation,
  members: Readonly<Record<string, unknown>>,
  accept: (answer: LoadAnswer) => boolean,
  alg?: string,
): LoadRequest {
  const body = JSON.stringify({
    client_assertion_type: assertionType,
    client_assertion: key.assertion({ ...client, audience: issuer, ...(alg && { alg }) }),
    scope: ["read", "openid"],
    ...members,
  });
  return { path: completePath, headers: contentType("json"), body: () => body, accept };
}

const registered = (answer: LoadAnswer): boolean =>
  memberOf(answer, "status") === 2000 &&
  hasTexts({ ...answer, body: memberOf(answer, "oauth_token") }, "id_token", "refresh_token");

const dataOf = (identifier: string): string => JSON.stringify({ identifier });

const makeProfileId = (): string => randomBytes(3).toString("hex");

/** Gives `count` registrations of the web application. */
export async function onStaticClient(
  gatewright: Gatewright,
  count: number,
): Promise<LoadRequest[]> {
  const codes = await gatewright.makeCodes(count);
  return codes.map((code) => {
    return complete(gatewright, staticClient, { data: dataOf(code) }, registered);
  });
}

async function onNewInstallations(gatewright: Gatewright, count: number): Promise<LoadRequest[]> {
  const codes = await gatewright.makeCodes(count);
  const installations = await gatewright.registerDevices(count);
  return installations.map((installation, index) => {
    const members = { data: dataOf(codes[index] as string), profile_id: makeProfileId() };
    return complete(gatewright, installation, members, registered);
  });
}

async function logIn(gatewright: Gatewright): Promise<Login[]> {
  const codes = await gatewright.makeCodes(loginCount);
  const installations = await gatewright.registerDevices(loginCount);
  const logins = installations.map((installation) => {
    return { ...installation, profileId: makeProfileId(), refreshToken: "" };
  });
  const requests = logins.map((login, index) => {
    const members = { data: dataOf(codes[index] as string), profile_id: login.profileId };
    return complete(gatewright, login, members, (answer) => {
      login.refreshToken = String(memberOf(answer, "oauth_token", "refresh_token"));
      return registered(answer);
    });
  });
  await gatewright.load.run(requests);
  return logins;
}

function refresh({ key, issuer }: Gatewright, login: Login): LoadRequest {
  const fields = {
    grant_type: "refresh_token",
    profile_id: login.profileId,
    client_assertion_type: assertionType,
    client_assertion: key.assertion({ ...login, audience: issuer }),
  };
  const form = String(new URLSearchParams(fields));
  return {
    path: "/oauth/token",
    headers: contentType("form"),
    body: () => `${form}&refresh_token=${login.refreshToken}`,
    accept(answer) {
      const before = login.refreshToken;
      login.refreshToken = String(memberOf(answer, "refresh_token"));
      return hasTexts(answer, "id_token", "refresh_token") && login.refreshToken !== before;
    },
  };
}

/** Gives the request that is refused without a look at its signature, for its `alg`. */
const refusedEarly = (gatewright: Gatewright): LoadRequest =>
  complete(
    gatewright,
    staticClient,
    { data: dataOf("nothing") },
    (answer) => answer.status === 400 && memberOf(answer, "error") === "invalid_client",
    "ES384",
  );

/**
 * Gives the request that costs what any refused one does, and nothing of an assertion: of the same
 * size and on the same way, but with a type of assertion that is none.
 */
const refusedAtOnce = (gatewright: Gatewright): LoadRequest =>
  complete(
    gatewright,
    staticClient,
    { data: dataOf("nothing"), client_assertion_type: assertionType.replace(/r$/, "x") },
    (answer) => answer.status === 400 && memberOf(answer, "error") === "invalid_request",
  );

const repeated =
  (gatewright: Gatewright, make: (gatewright: Gatewright) => LoadRequest) =>
  async (count: number): Promise<LoadRequest[]> =>
    Array.from({ length: count }, () => make(gatewright));

/** Gives the cases of a running Gatewright. */
export function gatewrightCases(gatewright: Gatewright): Case[] {
  const target = gatewright;
  let logins: Login[] | undefined;
  return [
    {
      name: "registration, static client",
      target,
      prepare: (count) => onStaticClient(gatewright, count),
    },
    {
      name: "registration, new installation",
      target,
      prepare: (count) => onNewInstallations(gatewright, count),
    },
    {
      name: "refresh, rotated",
      target,
      async prepare(count) {
        logins ??= await logIn(gatewright);
        const all = logins;
        return Array.from({ length: count }, (_, index) => {
          return refresh(gatewright, all[index % all.length] as Login);
        });
      },
    },
    { name: "refused for its alg", target, prepare: repeated(gatewright, refusedEarly) },
    { name: "refused as no assertion", target, prepare: repeated(gatewright, refusedAtOnce) },
  ];
}
