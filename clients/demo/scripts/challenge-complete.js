// Identity provider `challenge`, complete: the user types the response of the portal on the phone.
//
// Takes {"challenge", "response"}. A retry (4xxx) leaves the registration transaction open, so that
// the phone can ask its user again; anything of 5xxx ends it.

// Six digits are few: three tries leave a guesser a chance of three in a million, who would also
// have to know the challenge.
const mostTries = 3;
const challengeForm = /^\d{12}$/;

// The caller is a phone that nobody knows yet: whatever it sends must end in an answer, no error.
const read = (text) => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
};

const refuse = (status, problem) => ({ status, responsePayload: JSON.stringify({ problem }) });

function execute(requestPayload) {
  const { challenge, response } = read(requestPayload);
  const typed = typeof challenge === "string" ? challenge.replace(/[- ]/g, "") : "";
  if (!challengeForm.test(typed)) return refuse(5002, "challenge_unknown");
  const key = `challenge:answered:${typed}`;
  const kept = CACHE.take(key);
  if (kept === null) {
    const isOpen = CACHE.fetch(`challenge:open:${typed}`) !== null;
    return isOpen ? refuse(4002, "portal_has_not_seen_it") : refuse(5002, "challenge_unknown");
  }
  const answered = JSON.parse(kept);
  if (response !== answered.response) {
    const secondsLeft = Math.floor((answered.expiresAt - Date.now()) / 1000);
    const tries = answered.tries + 1;
    LOG.warn("a wrong response, try {} of {}", tries, mostTries);
    if (tries >= mostTries || secondsLeft < 1) return refuse(5003, "response_wrong");
    // Put back with what is left of its life. Since it was taken first, guesses sent side by side
    // find nothing: each try is counted.
    CACHE.store(key, JSON.stringify({ ...answered, tries }), secondsLeft);
    return refuse(4003, "response_wrong");
  }
  const { userId, displayName } = answered;
  return {
    status: 2000,
    responsePayload: JSON.stringify({ displayName }),
    user: { id: userId, name: displayName, amr: ["mca"] },
  };
}
