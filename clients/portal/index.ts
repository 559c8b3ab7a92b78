// What a web portal needs, on Node: its calls, the callbacks it gets, and the codes it shows.
export type {
  Callback,
  CallbackHandler,
  CallbackOptions,
  CallbackProblem,
} from "./callback_handler.ts";
export { callbackHandler } from "./callback_handler.ts";
export type { CallbackIds } from "./callback_ids.ts";
export { callbackIdsInMemory } from "./callback_ids.ts";
export type { MobileAuthenticationEnd, WaitOptions } from "./mobile_authentication_end.ts";
export type {
  MobileAuthenticationRequest,
  PortalCall,
  PortalClient,
  PortalOptions,
} from "./portal_client.ts";
export { portalClient } from "./portal_client.ts";
export type { QrOptions } from "./qr_code.ts";
export { qrDataUrl, qrPng, qrSvg } from "./qr_code.ts";
export type { SignedWebhook, WebhookCheck, WebhookProblem } from "./webhook_signature.ts";
export { webhookCheck } from "./webhook_signature.ts";
