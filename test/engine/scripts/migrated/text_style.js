// A confirmation page as text: StringBuilder, String.format, and Java's collections in loops.
function execute(requestPayload, userIdentifier) {
    var transfer = JSON.parse(requestPayload);
    var lines = new java.util.ArrayList();
    lines.add(java.lang.String.format("%-12s%12s", "Account", mask(transfer.account)));
    lines.add(java.lang.String.format("%-12s%,12.2f", "Amount", transfer.amount));
    lines.add(java.lang.String.format("%-12s%12d", "Reference", transfer.reference));
    var page = new java.lang.StringBuilder();
    for (var i = 0; i < lines.size(); i++) {
        page.append(lines.get(i)).append(i + 1 < lines.size() ? "\n" : "");
    }
    var total = 0;
    transfer.fees.forEach(function (fee) { total += fee; });
    page.append(java.lang.System.lineSeparator()).append(java.lang.String.format("%-12s%12.1f%%", "Fees", total));
    page.insert(0, "Dear " + java.lang.String.valueOf(userIdentifier) + "\n");
    if (page.length() > 400 || page.indexOf("null") >= 0) {
        throw new java.lang.IllegalStateException("the page is wrong: " + page);
    }
    return { status: 2000, responsePayload: page.toString() };
}

function mask(account) {
    var builder = new java.lang.StringBuilder(account);
    for (var i = 0; i < account.length - 4; i++) builder.setCharAt(i, '*');
    return builder.reverse().reverse().toString();
}
