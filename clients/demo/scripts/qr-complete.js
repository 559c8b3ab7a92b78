// Identity provider `qr`, complete: a phone that scanned the code asks for tokens.
//
// Takes {"identifier"} as it was in the code. Success names the user to the token server, which
// then issues the tokens; the phone gets {"displayName", "startedFrom", "startedAt"} to show to its
// user.

const identifierForm = /^[A-Za-z0-9_-]{22}$/;

// The caller is a phone that nobody knows yet: whatever it sends must end in an answer, no error.
const read = (text) => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
};

// Gives what was kept under a code, once. `take` reads and removes in one step: of two phones that
// send the same code at the same moment one gets it, which fetch and delete in a row cannot
// promise.
const takeCode = (identifier) =>
  typeof identifier === "string" && identifierForm.test(identifier)
    ? CACHE.take(`qr:${identifier}`)
    : null;

// Tells the portal that the code was scanned, so that its page need not ask again and again. The
// address comes from the operator's properties and never from a request: a script that posts where
// a caller says makes the server knock on doors for strangers. The portal checks the token, since
// anybody can post to it. It is a hint and no proof of a login: the tokens are issued after this.
const tellPortal = (transaction) => {
  try {
    const { status } = HTTP.request({
      method: "POST",
      url: PROPERTIES.get("portal_callback_url"),
      headers: { authorization: `Bearer ${PROPERTIES.get("portal_callback_token")}` },
      body: { transactionId: transaction },
    });
    if (status >= 300) LOG.warn("the portal answered the callback with {}", status);
  } catch (error) {
    // A portal that is down for a moment must not cost a user the registration.
    LOG.warn("the callback failed: {}", error.message);
  }
};

function execute(requestPayload) {
  const kept = takeCode(read(requestPayload).identifier);
  if (kept === null) {
    // The same code will never work again, so the answer is of the unrecoverable band. A code that
    // comes back is worth a look: somebody may have photographed it.
    LOG.warn("a code was refused: it is unknown, expired or already used");
    return { status: 5001, responsePayload: JSON.stringify({ problem: "code_invalid" }) };
  }
  const { userId, displayName, startedFrom, startedAt, transaction } = JSON.parse(kept);
  tellPortal(transaction);
  return {
    status: 2000,
    responsePayload: JSON.stringify({ displayName, startedFrom, startedAt }),
    // `id` becomes the subject of the tokens; the rest become claims of the ID token.
    user: { id: userId, name: displayName, amr: ["mca"] },
  };
}
