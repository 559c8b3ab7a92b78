// Authenticator `nfc`, authentication: a card is held to the phone in place of a PIN.
//
// Takes {"card", "seal"} as the chip gives them, and what nfc-registration.js kept. A card that does not
// fit may be a slip, so it is of the retry band; the token server counts those.

const digest = (text) => {
  const bytes = java.security.MessageDigest.getInstance("SHA-256").digest(text.getBytes("UTF-8"));
  return java.util.Base64.getEncoder().encodeToString(bytes);
};

const read = (text) => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
};

function execute(requestPayload, userIdentifier, registrationData) {
  const { card, seal } = read(requestPayload);
  const kept = read(registrationData);
  if (digest(`${userIdentifier}:${card}:${seal}`) !== kept.proof) {
    LOG.warn("a card was held to the phone that is not the user's");
    return { status: 4000, responsePayload: JSON.stringify({ problem: "card_wrong" }) };
  }
  return { status: 2000 };
}
