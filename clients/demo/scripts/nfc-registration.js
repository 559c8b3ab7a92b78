// Authenticator `nfc`, registration: a user who is logged in holds a card to the phone.
//
// Takes {"card", "seal"}: the number that is written on the card, and a key that only its chip gives
// out. What it returns as registrationData is kept by the token server for this user and phone, and
// handed to nfc-authentication.js at every login. The key itself is not in it, only what proves it.

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

function execute(requestPayload, userIdentifier) {
  const { card, seal } = read(requestPayload);
  if (!/^\d{8}$/.test(card) || !/^[\w-]{22}$/.test(seal)) {
    // The user may hold the card to the phone again, so the answer is of the retry band.
    return { status: 4000, responsePayload: JSON.stringify({ problem: "card_unreadable" }) };
  }
  LOG.info("a card was registered");
  return {
    status: 2000,
    responsePayload: JSON.stringify({ card }),
    registrationData: JSON.stringify({ card, proof: digest(`${userIdentifier}:${card}:${seal}`) }),
  };
}
