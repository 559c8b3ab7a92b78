// The scripts of the measured registration: those of a QR device registration, as the product's
// example has them, but that the complete script does not POST to the portal: nothing may be
// reached here, and the cost of a stranger's server is not ours.

/** Six host calls less the POST: one entry taken, two fetched, two lines logged. */
export const completeScript = `
function execute(requestPayload) {
  var identifier = JSON.parse(requestPayload).identifier;
  var userId = CACHE.take(identifier);
  LOG.info("retrieved from cache: {}", userId);
  if (!userId) {
    return { status: 5000 };
  }
  var transactionId = CACHE.fetch(userId);
  var callbackUrl = CACHE.fetch(transactionId);
  var body = JSON.stringify({ transactionId: transactionId, callbackUrl: callbackUrl });
  LOG.info(body);
  return { status: 2000, responsePayload: body, user: { id: userId } };
}
`;

/** Makes many QR codes for one user at once, since making them is not what is measured. */
export const backchannelScript = `
function execute(requestPayload) {
  var wanted = JSON.parse(requestPayload);
  var identifiers = [];
  for (var made = 0; made < wanted.count; made++) {
    var identifier = java.util.UUID.randomUUID().toString();
    CACHE.store(identifier, wanted.userId, 300);
    identifiers.push(identifier);
  }
  var transactionId = java.util.UUID.randomUUID().toString();
  CACHE.store(wanted.userId, transactionId, 300);
  CACHE.store(transactionId, "https://portal.example.com/callback", 300);
  LOG.info("storing userId: {}", wanted.userId);
  return { status: 2000, responsePayload: JSON.stringify(identifiers) };
}
`;

/** Scripts that hurt: one that loops up to its limit, and one that only the end of its worker stops. */
export const hostileScripts = {
  spin: "function execute() { for (;;) {} }",
  native: "function execute() { Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1); }",
} as const;
