// QR registration, phone side: an identifier lets its user in once, and the portal is told.
function execute(identifier) {
  const kept = CACHE.take(`qr:${identifier}`);
  if (kept === null) return { status: 5000, responsePayload: "unknown code" };
  const { userId, callbackUrl, transaction } = JSON.parse(kept);
  HTTP.request({
    method: "POST",
    url: callbackUrl,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ transactionId: transaction }),
  });
  return { status: 2000, user: { id: userId, amr: ["qr"], department: "claims" } };
}
