// A QR code for a portal, with the classes imported for a block as Nashorn's guide shows it.
var imports = new JavaImporter(java.util, java.lang, org.springframework.http);

function execute(requestPayload) {
    with (imports) {
        var request = JSON.parse(requestPayload);
        var code = UUID.randomUUID().toString();
        var text = new StringBuilder();
        text.append("qr").append(':').append(code.replace("-", ""));
        var entry = new HashMap();
        entry.put("user", request.userId);
        entry.put("created", System.currentTimeMillis());
        CACHE.store(text.toString(), JSON.stringify(entry), 60);

        var list = new ArrayList();
        list.add(text.toString());
        list.add(Integer.toString(60));
        for (var i in list) {
            LOG.debug("part {} is {}", i, list[i]);
        }
        return {
            status: 2000,
            responsePayload: Base64.getUrlEncoder().withoutPadding().encodeToString(String.valueOf(list.get(0)).getBytes())
        };
    }
}
