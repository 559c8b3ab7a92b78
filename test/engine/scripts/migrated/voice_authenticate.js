// Custom authenticator that asks a service for voices whether a sample is the user's.
function callService(path, body) {
    var headers = new org.springframework.http.HttpHeaders();
    headers.add("Content-Type", "application/json");
    headers.add("X-Api-Key", PROPERTIES.voice_key);
    headers.setAccept(java.util.Collections.singletonList(org.springframework.http.MediaType.APPLICATION_JSON));
    var entity = new org.springframework.http.HttpEntity(JSON.stringify(body), headers);
    return REST_TEMPLATE.exchange(PROPERTIES.voice_url + path, org.springframework.http.HttpMethod.POST, entity, java.util.Map.class, body.user);
}

function execute(requestPayload, userIdentifier, registrationData) {
    var sample = JSON.parse(requestPayload);
    try {
        var response = callService("/users/{user}/verify", { user: userIdentifier, voiceprint: registrationData, sample: sample.audio });
        var body = response.getBody();
        var score = java.lang.Double.parseDouble(body.get("score"));
        LOG.info("score {} by model {}", java.lang.String.format("%.3f", score), body.model.name);
        if (score >= 0.8) {
            return { status: 2000, responsePayload: response.headers.getFirst("X-Request-Id") };
        }
        return { status: 4000, responsePayload: JSON.stringify({ score: score }) };
    } catch (e) {
        if (e instanceof org.springframework.web.client.HttpClientErrorException) {
            if (e.getStatusCode() == org.springframework.http.HttpStatus.NOT_FOUND) {
                return { status: 4002 };
            }
            LOG.warn("service answered {} {}", e.getRawStatusCode(), e.getResponseBodyAsString());
            return { status: 4000 };
        }
        if (e instanceof org.springframework.web.client.HttpServerErrorException) {
            LOG.error("service failed: {}", e.getStatusText());
            return { status: 5000 };
        }
        throw e;
    }
}
