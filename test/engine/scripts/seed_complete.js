function execute(requestPayload){
      var postData = function(url,data){
       var headers = new org.springframework.http.HttpHeaders();
       headers.add('Content-Type', 'application/json');
       var entity = new org.springframework.http.HttpEntity(data, headers);
       REST_TEMPLATE.postForEntity(url, entity, java.lang.String.class);
      };
    var identifier = requestPayload;
    var userId = CACHE.fetch(identifier);
    LOG.info("retrieved from cache: {}", userId);
    // You may want to delete the entry so the same request cannot be made again
    var status = 2000;
    if (userId){
      var transactionID = CACHE.fetch(userId);
      var callbackUrl = CACHE.fetch(transactionID);
      LOG.info(JSON.stringify({ "transactionId": transactionID }));
      var body = JSON.stringify({"transactionId":transactionID});
      postData(callbackUrl, body);
    } else {
      status = 5000;
    }
    return {
      status: status,
      user: {
        id: userId
      }
    };
}
