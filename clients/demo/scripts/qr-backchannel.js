// Identity provider `qr`, backchannel: the portal asks for a code that a user's new phone can scan.
//
// Only API clients that may register users get here, so the portal's word for who is logged in
// counts. Takes {"userId", "displayName", "startedFrom"}, gives {"identifier", "transaction",
// "expiresIn"}: the identifier goes into the QR code, the transaction is for the portal to know it
// by.

// Long enough to lift a phone, too short to pass a photo of the code on to somebody else.
const lifeSeconds = 60;

// 128 bits of the secure generator: Math.random can be predicted, and a random UUID has 6 bits
// less.
const newId = () => {
  const bytes = new Int8Array(16);
  new java.security.SecureRandom().nextBytes(bytes);
  return java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
};

// Whatever is not the JSON of an object reads as one without members.
const read = (text) => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
};

const isText = (value) => typeof value === "string" && value !== "";

function execute(requestPayload) {
  const { userId, displayName, startedFrom } = read(requestPayload);
  if (![userId, displayName, startedFrom].every(isText)) {
    return { status: 5000, responsePayload: JSON.stringify({ problem: "request_incomplete" }) };
  }
  const identifier = newId();
  const transaction = newId();
  // Who, from where and when stays here, behind the identifier: the code itself says nothing about
  // anybody, and the app can show the user what was started before going on.
  const started = {
    userId,
    displayName,
    startedFrom,
    startedAt: new Date().toISOString(),
    transaction,
  };
  // The cache is shared by all scripts. Every purpose has a prefix of its own, so that a text that
  // a caller sends can never name an entry of another kind.
  CACHE.store(`qr:${identifier}`, JSON.stringify(started), lifeSeconds);
  // Log the handle, not the user: logs are read by more people than the user directory.
  LOG.info("code made for transaction {}, good for {} s", transaction, lifeSeconds);
  return {
    status: 2000,
    responsePayload: JSON.stringify({ identifier, transaction, expiresIn: lifeSeconds }),
  };
}
