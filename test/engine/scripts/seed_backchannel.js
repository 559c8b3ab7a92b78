function execute(requestPayload){
    var userId = JSON.parse(requestPayload).userId;
    var callbackUrl = JSON.parse(requestPayload).callbackUrl;
    var identifier = java.util.UUID.randomUUID().toString();
    // Store any data you need
    CACHE.store(identifier, userId, 35); //sets TTL to 35 seconds for this key.
    var transactionID = CACHE.fetch(userId);
       transactionID = java.util.UUID.randomUUID().toString();
       CACHE.store(userId, transactionID, 300); //Generate transaction for user
       CACHE.store(transactionID, callbackUrl, 300); //Set callback URL
    LOG.info("storing userId: {}", userId);
    return {
      status: 2000,
      responsePayload: JSON.stringify({
         transaction: transactionID,
         uuid: identifier
      })
    };
}
