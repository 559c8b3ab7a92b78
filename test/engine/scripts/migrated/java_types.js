// Java.type, Java.extend and Java.to in the manner of Nashorn's own guide, with Java's exceptions.
var ArrayList = Java.type("java.util.ArrayList");
var HashMap = Java.type("java.util.HashMap");
var Comparator = Java.type("java.util.Comparator");
var Entry = Java.type("java.util.Map$Entry");
var IllegalArgumentException = Java.type("java.lang.IllegalArgumentException");

var ByLength = Java.extend(Comparator, {
    compare: function (one, other) { return one.length - other.length || one.compareTo(other); }
});

function count(words) {
    var counts = new HashMap();
    for (var i in words) {
        var word = words[i].toLowerCase();
        counts[word] = (counts[word] || 0) + 1;
    }
    return counts;
}

function execute(requestPayload) {
    try {
        if (requestPayload == null) throw new IllegalArgumentException("no payload");
        var words = Java.to(requestPayload.split(" "), "java.lang.String[]");
        var sorted = new ArrayList(java.util.Arrays.asList(words));
        java.util.Collections.sort(sorted, new ByLength());
        var counts = count(words);
        var most = null;
        var entries = counts.entrySet().iterator();
        while (entries.hasNext()) {
            var entry = entries.next();
            if (!(entry instanceof Entry)) throw new java.lang.IllegalStateException();
            if (most === null || entry.value > most.value) most = entry;
        }
        return { status: 2000, responsePayload: [Java.from(sorted).join("<"), most.key, counts.size()].join(" ") };
    } catch (e) {
        LOG.warn("{}: {}", e.getClass().getName(), e.message);
        return { status: 4000, responsePayload: e.getMessage() };
    }
}
