// Signs in at an OAuth server with a form, and reads the user's profile with the token it gave.
var Map = Java.type("java.util.Map");
var MediaType = org.springframework.http.MediaType;

function token(username, password) {
    var form = new org.springframework.util.LinkedMultiValueMap();
    form.add("grant_type", "password");
    form.add("username", username);
    form.add("password", password);
    var headers = new org.springframework.http.HttpHeaders();
    headers.setContentType(MediaType.APPLICATION_FORM_URLENCODED);
    var request = new org.springframework.http.HttpEntity(form, headers);
    return REST_TEMPLATE.postForObject(PROPERTIES.idp_url + "/token", request, Map.class).get("access_token");
}

function profile(accessToken) {
    var url = org.springframework.web.util.UriComponentsBuilder.fromHttpUrl(PROPERTIES.idp_url)
        .path("/users/{id}")
        .queryParam("fields", "name", "mail address")
        .buildAndExpand("me")
        .encode()
        .toUri();
    var headers = new org.springframework.http.HttpHeaders();
    headers.setBearerAuth(accessToken);
    var entity = new org.springframework.http.HttpEntity(headers);
    return REST_TEMPLATE.exchange(url, org.springframework.http.HttpMethod.GET, entity, Map.class).body;
}

function execute(requestPayload) {
    var credentials = JSON.parse(requestPayload);
    try {
        var user = profile(token(credentials.username, credentials.password));
        var groups = user.groups.stream().filter(function (group) { return group.startsWith("app-"); })
            .map(function (group) { return group.substring(4); })
            .sorted().collect(java.util.stream.Collectors.joining(","));
        return { status: 2000, user: { id: user.get("id"), name: user.name, groups: groups } };
    } catch (e) {
        if (e.statusCode == 401) return { status: 4000, responsePayload: "wrong password" };
        throw e;
    }
}
