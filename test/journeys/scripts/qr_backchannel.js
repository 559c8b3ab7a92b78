// QR registration, portal side: keeps who is to be registered under a one-time identifier.
function execute(requestPayload) {
  const { userId, callbackUrl } = JSON.parse(requestPayload);
  const identifier = java.util.UUID.randomUUID().toString();
  const transaction = java.util.UUID.randomUUID().toString();
  CACHE.store(`qr:${identifier}`, JSON.stringify({ userId, callbackUrl, transaction }), 35);
  LOG.info("a registration was prepared");
  return { status: 2000, responsePayload: { uuid: identifier, transaction } };
}
