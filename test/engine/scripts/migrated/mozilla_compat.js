// Written for Rhino at first: imports as in its scripting guide, through Nashorn's compatibility script.
load("nashorn:mozilla_compat.js");
importPackage(java.util);
importClass(java.lang.StringBuffer, java.util.concurrent.TimeUnit);

var roles = new TreeMap();
roles.put("teller", 2);
roles.put("admin", 1);
roles.put("customer", 3);

function describe(user) {
    var buffer = new StringBuffer(user);
    var entries = roles.entrySet().iterator();
    while (entries.hasNext()) {
        var entry = entries.next();
        buffer.append(entries.hasNext() ? ", " : " and ").append(entry.getKey()).append("=").append(entry.getValue());
    }
    return buffer.toString();
}

function execute(requestPayload, userIdentifier) {
    var seen = new HashSet(Arrays.asList("teller", "customer"));
    var allowed = new Vector();
    for (var role in roles) {
        if (seen.contains(role)) allowed.addElement(role);
    }
    var comparator = new JavaAdapter(java.util.Comparator, {
        compare: function (one, other) { return roles.get(other) - roles.get(one); }
    });
    Collections.sort(allowed, comparator);
    return {
        status: 2000,
        responsePayload: describe(userIdentifier) + " | " + allowed + " | " + TimeUnit.MINUTES.toSeconds(5)
    };
}
