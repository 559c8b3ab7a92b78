// Identity provider `challenge`, init: a phone asks for a challenge to be typed at the portal.
//
// Takes nothing, gives {"challenge", "expiresIn"}. The flow: the phone shows the challenge (init),
// the user types it at the portal and gets a response (backchannel), and types that on the phone
// (complete).

// The user has to type two codes within this time.
const lifeSeconds = 180;

const digits = () => String(new java.security.SecureRandom().nextInt(1_000_000)).padStart(6, "0");

function execute() {
  // It proves nothing by itself, but two phones must not get the same one: twelve digits for the
  // few that are open at a time.
  const challenge = digits() + digits();
  // What is open and what is answered are kept under prefixes of their own: only the portal's
  // script can turn the one into the other.
  CACHE.store(`challenge:open:${challenge}`, "open", lifeSeconds);
  LOG.info("challenge made, good for {} s", lifeSeconds);
  const shown = challenge.replace(/(\d{4})(?=\d)/g, "$1-");
  return {
    status: 2000,
    responsePayload: JSON.stringify({ challenge: shown, expiresIn: lifeSeconds }),
  };
}
