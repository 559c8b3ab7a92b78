// Identity provider `challenge`, backchannel: a user logged in at the portal types a challenge.
//
// Takes {"userId", "displayName", "challenge"}, gives {"response"} to be typed on the phone.

const lifeSeconds = 120;
const challengeForm = /^\d{12}$/;

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
  const { userId, displayName, challenge } = read(requestPayload);
  if (![userId, displayName, challenge].every(isText)) {
    return { status: 5000, responsePayload: JSON.stringify({ problem: "request_incomplete" }) };
  }
  // People type codes with and without the dashes.
  const typed = challenge.replace(/[- ]/g, "");
  // Taken, so that a challenge becomes one user's and nobody can answer it a second time.
  if (!challengeForm.test(typed) || CACHE.take(`challenge:open:${typed}`) === null) {
    // The user can look again and retype it, so the answer is of the retry band.
    return { status: 4001, responsePayload: JSON.stringify({ problem: "challenge_unknown" }) };
  }
  const response = String(new java.security.SecureRandom().nextInt(1_000_000)).padStart(6, "0");
  const answered = {
    userId,
    displayName,
    response,
    tries: 0,
    expiresAt: Date.now() + lifeSeconds * 1000,
  };
  CACHE.store(`challenge:answered:${typed}`, JSON.stringify(answered), lifeSeconds);
  LOG.info("challenge answered, good for {} s", lifeSeconds);
  return { status: 2000, responsePayload: JSON.stringify({ response }) };
}
