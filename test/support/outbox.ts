// Callbacks in a real outbox, put there as the end of a mobile authentication puts them.
import assert from "node:assert/strict";
import type { Milliseconds } from "../../server/core/clock.ts";
import { milliseconds } from "../../server/core/clock.ts";
import { randomId, uuid } from "../../server/core/id.ts";
import { newCallback } from "../../server/flows/callbacks/new_callback.ts";
import { hashToken, tokenSource } from "../../server/identity/opaque_token.ts";
import type { NewCallback } from "../../server/store/callbacks.ts";
import type { MobileEnrolment } from "../../server/store/mobile_enrolments.ts";
import type { Store } from "../../server/store/store.ts";

const hour = 3_600_000;
const token = tokenSource();

/** Adds an app installation with a profile that is enrolled for mobile authentication. */
async function enrolled(
  store: Store,
  now: Milliseconds,
): Promise<Omit<MobileEnrolment, "revokedAt">> {
  const [clientId, session, profileId, userId] = [randomId(), randomId(), "W8DUJ2", "alice"];
  await store.installations.add({
    clientId,
    applicationId: "app",
    softwareVersion: "1.0",
    jwks: "{}",
    deviceName: null,
    devicePlatform: null,
    deviceModel: null,
    deviceOsVersion: null,
    createdAt: now,
    lastSeenAt: null,
  });
  const issued = await store.tokens.issue({
    profile: "registers",
    family: {
      id: session,
      clientId,
      userId,
      profileId,
      identityProvider: "puppet",
      tokenType: "DEFAULT",
      scope: "read",
      amr: [],
      userDetails: null,
      authTime: now,
      createdAt: now,
    },
    access: {
      hash: hashToken(token()),
      scope: "read",
      issuedAt: now,
      expiresAt: milliseconds(now + hour),
    },
  });
  assert.equal(issued, "issued");
  const [publicKey, fingerprint] = ["no key is used here", "00"];
  const one = { id: uuid(), clientId, profileId, userId, publicKey, fingerprint, createdAt: now };
  const terms = { session, applicationId: "app", policy: "MULTIPLE_DEVICES" } as const;
  const put = await store.mobileEnrolments.put(one, terms);
  assert.equal(put.kind, "kept");
  return one;
}

/** Ends a mobile authentication for each URL, and gives their callbacks, which are due at once. */
export async function putCallbacks(
  store: Store,
  urls: readonly string[],
): Promise<readonly NewCallback[]> {
  const now = milliseconds(Date.now());
  const enrolment = await enrolled(store, now);
  const put: NewCallback[] = [];
  for (const url of urls) {
    const id = uuid();
    const callback = newCallback(url, id, now);
    await store.mobileTransactions.add({
      id,
      apiClientId: "portal",
      type: "login",
      method: "OTP",
      callbackUri: url,
      otpHash: "hash",
      sealedMessage: "sealed",
      createdAt: now,
      expiresAt: milliseconds(now + hour),
      keepUntil: milliseconds(now + hour),
    });
    assert(await store.mobileTransactions.fetch(id, "hash", enrolment, now));
    const answer = { enrolmentId: enrolment.id, end: "confirmed", now, callback } as const;
    const keepUntil = milliseconds(now + hour);
    assert(await store.mobileTransactions.answer(id, { ...answer, keepUntil }));
    put.push(callback);
  }
  return put;
}
