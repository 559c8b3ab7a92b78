// The durable store: its laws on every engine.
import { storeRows } from "../support/stores.ts";
import { authenticatorLaws } from "./laws/authenticator_laws.ts";
import { callbackLaws } from "./laws/callback_laws.ts";
import { deviceLaws } from "./laws/device_laws.ts";
import { durableLaws } from "./laws/durable_laws.ts";
import { eventLaws } from "./laws/event_laws.ts";
import { executionLaws } from "./laws/execution_laws.ts";
import { loginLaws } from "./laws/login_laws.ts";
import { mobileEnrolmentLaws } from "./laws/mobile_enrolment_laws.ts";
import { mobileTransactionLaws } from "./laws/mobile_transaction_laws.ts";
import { rotationLaws } from "./laws/rotation_laws.ts";
import { tokenLaws } from "./laws/token_laws.ts";

for (const row of storeRows().filter(({ ownDurable }) => ownDurable)) {
  durableLaws(row);
  tokenLaws(row);
  rotationLaws(row);
  loginLaws(row);
  executionLaws(row);
  authenticatorLaws(row);
  deviceLaws(row);
  mobileEnrolmentLaws(row);
  mobileTransactionLaws(row);
  callbackLaws(row);
  eventLaws(row);
}
