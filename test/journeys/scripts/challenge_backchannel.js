// Two-way code, portal side: a challenge is answered once, for the user who is logged in there.
function execute(requestPayload) {
  const { userId, challenge } = JSON.parse(requestPayload);
  if (CACHE.take(`challenge:${challenge}`) === null) return { status: 4000 };
  const response = java.util.UUID.randomUUID().toString().slice(0, 6);
  CACHE.store(`response:${response}`, userId);
  return { status: 2000, responsePayload: response };
}
