// Two-step registration by a one-time code: the first step sends the code to the user's phone.
var CODE_LENGTH = 6;
var TTL_SECONDS = 120;

function newCode() {
    var random = new java.security.SecureRandom();
    var bound = java.lang.Math.pow(10, CODE_LENGTH);
    return java.lang.String.format("%0" + CODE_LENGTH + "d", random.nextInt(bound));
}

function sendMessage(phone, code) {
    var headers = new org.springframework.http.HttpHeaders();
    headers.setContentType(org.springframework.http.MediaType.APPLICATION_JSON);
    headers.setBasicAuth(PROPERTIES.get("sms_user"), PROPERTIES.get("sms_password"));
    var body = JSON.stringify({ to: phone, text: "Your code is " + code });
    var entity = new org.springframework.http.HttpEntity(body, headers);
    var response = REST_TEMPLATE.postForEntity(PROPERTIES.get("sms_url") + "/messages", entity, java.lang.String.class);
    return response.getStatusCode().is2xxSuccessful();
}

function execute(requestPayload) {
    var request = JSON.parse(requestPayload);
    if (!request.phone || !request.phone.matches("\\+[0-9]{8,15}")) {
        LOG.warn("refused phone number {}", request.phone);
        return { status: 4000, responsePayload: JSON.stringify({ error: "phone" }) };
    }
    var reference = java.util.UUID.randomUUID().toString();
    var code = newCode();
    if (!sendMessage(request.phone, code)) {
        return { status: 5000 };
    }
    CACHE.store("otp:" + reference, JSON.stringify({ code: code, phone: request.phone, tries: 0 }), TTL_SECONDS);
    LOG.info("code sent for reference {}", reference);
    return { status: 2000, responsePayload: JSON.stringify({ reference: reference }) };
}
