// Custom authenticator, authentication: the same tag again, compared by its hash.
function execute(requestPayload, userIdentifier, registrationData) {
    if (registrationData === null) return { status: 4002 };
    var stored = JSON.parse(registrationData);
    var digest = java.security.MessageDigest.getInstance("SHA-256");
    digest.update(stored.salt.getBytes());
    var bytes = digest.digest(requestPayload.trim().toUpperCase().getBytes());
    var hash = new java.math.BigInteger(1, bytes).toString(16);
    while (hash.length < 64) hash = "0" + hash;
    if (hash.equals(stored.hash)) {
        LOG.info("tag of {} accepted", userIdentifier);
        return { status: 2000 };
    }
    return { status: 4000, responsePayload: "another tag" };
}
