// Custom authenticator, registration: keeps a salted hash of the tag that the user has shown.
function toHex(bytes) {
    var hex = "";
    for (var i = 0; i < bytes.length; i++) {
        hex += java.lang.Integer.toHexString((bytes[i] & 0xff) | 0x100).substring(1, 3);
    }
    return hex;
}

function hash(salt, tag) {
    var digest = java.security.MessageDigest.getInstance("SHA-256");
    digest.update(salt.getBytes());
    digest.update(tag.getBytes());
    return toHex(digest.digest());
}

function execute(requestPayload, userIdentifier, registrationData) {
    if (userIdentifier == null || userIdentifier.isEmpty()) {
        return { status: 5000 };
    }
    if (registrationData != null) {
        return { status: 4001 };
    }
    var tag = requestPayload.trim().toUpperCase();
    if (!tag.matches("^([0-9A-F]{2}:?){4,10}$")) {
        return { status: 4000, responsePayload: "this is no tag" };
    }
    var salt = java.util.UUID.nameUUIDFromBytes(userIdentifier.getBytes()).toString();
    return {
        status: 2000,
        registrationData: JSON.stringify({ salt: salt, hash: hash(salt, tag) })
    };
}
