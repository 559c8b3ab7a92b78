// Two-way code, first step: a challenge that the user carries to the portal.
function execute() {
  const challenge = java.util.UUID.randomUUID().toString().slice(0, 8);
  CACHE.store(`challenge:${challenge}`, "open");
  return { status: 2000, responsePayload: challenge };
}
