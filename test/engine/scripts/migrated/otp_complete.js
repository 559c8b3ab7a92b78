// Two-step registration by a one-time code: the second step compares it, three times at most.
var MAX_TRIES = 3;

function execute(requestPayload, userIdentifier, registrationData, hookContextCustomParams) {
    var request = JSON.parse(requestPayload);
    var key = "otp:" + request.reference;
    var stored = CACHE.fetch(key);
    if (stored == null) {
        return { status: 5000, responsePayload: "expired" };
    }
    var entry = JSON.parse(stored);
    var isSame = java.security.MessageDigest.isEqual(entry.code.getBytes("UTF-8"), request.code.getBytes("UTF-8"));
    if (!isSame) {
        entry.tries += 1;
        LOG.info("wrong code, try {} of {}", entry.tries, MAX_TRIES);
        if (entry.tries >= MAX_TRIES) {
            CACHE["delete"](key);
            return { status: 5000, responsePayload: "blocked" };
        }
        CACHE.store(key, JSON.stringify(entry), 120);
        return { status: 4000, responsePayload: String(MAX_TRIES - entry.tries) };
    }
    CACHE["delete"](key);
    var channel = "none";
    if (hookContextCustomParams != null && hookContextCustomParams.containsKey("channel")) {
        channel = hookContextCustomParams.get("channel").get(0);
    }
    return {
        status: 2000,
        user: { id: entry.phone.substring(1), amr: ["sms"], phone_number: entry.phone, channel: channel }
    };
}
