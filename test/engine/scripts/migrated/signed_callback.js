// A callback that the portal can verify: HMAC over the time and the body, and a signed query.
function hmac(secret, text) {
    var mac = javax.crypto.Mac.getInstance("HmacSHA256");
    mac.init(new javax.crypto.spec.SecretKeySpec(secret.getBytes("UTF-8"), "HmacSHA256"));
    return mac.doFinal(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
}

function execute(requestPayload) {
    var request = JSON.parse(requestPayload);
    var secret = properties.get("callback_secret");
    var time = java.lang.String.valueOf(Math.floor(java.lang.System.currentTimeMillis() / 1000));
    var body = JSON.stringify({ user: request.user, event: "registered" });
    var signature = java.util.Base64.getEncoder().encodeToString(hmac(secret, time + "." + body));
    var query = "user=" + java.net.URLEncoder.encode(request.user, "UTF-8") +
        "&check=" + javax.xml.bind.DatatypeConverter.printHexBinary(hmac(secret, request.user)).toLowerCase();

    var headers = new org.springframework.http.HttpHeaders();
    headers.setContentType(org.springframework.http.MediaType.parseMediaType("application/json"));
    headers.set("X-Time", time);
    headers.set("X-Signature", "v1=" + signature);
    try {
        var answer = REST_TEMPLATE.postForObject(java.net.URI.create(request.url + "?" + query), new org.springframework.http.HttpEntity(body, headers), java.lang.String.class);
        return { status: 2000, responsePayload: answer, user: { id: request.user } };
    } catch (e) {
        LOG.error("callback failed: {}", e.getMessage());
        return { status: 5000 };
    }
}
