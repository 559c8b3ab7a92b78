// Two-way code, second step: the portal's response lets its user in; any other may be tried again.
function execute(response) {
  const userId = CACHE.take(`response:${response}`);
  if (userId === null) return { status: 4002, responsePayload: "unknown response" };
  return { status: 2000, user: { id: userId } };
}
