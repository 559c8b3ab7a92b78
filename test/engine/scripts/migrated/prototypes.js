// Plain ES5: constructors, prototypes, closures and property descriptors, and nothing of Java.
"use strict";

function Counter(name, limit) {
    if (!(this instanceof Counter)) {
        return new Counter(name, limit);
    }
    this.name = name;
    this.limit = limit;
}
Counter.prototype.read = function () {
    var text = CACHE.fetch(this.name);
    return text === null ? 0 : parseInt(text, 10);
};
Counter.prototype.increase = function () {
    var value = this.read() + 1;
    CACHE.store(this.name, String(value), 60);
    return value;
};
Object.defineProperty(Counter.prototype, "isFull", {
    get: function () { return this.read() >= this.limit; }
});

function LoudCounter() {
    Counter.apply(this, arguments);
}
LoudCounter.prototype = Object.create(Counter.prototype, { constructor: { value: LoudCounter } });
LoudCounter.prototype.increase = function () {
    var value = Counter.prototype.increase.call(this);
    LOG.info("{} is now {}", this.name, value);
    return value;
};

var execute = (function () {
    var bands = { free: 2000, full: 4000 };
    return function (requestPayload) {
        var counter = new LoudCounter("visits:" + requestPayload, 2);
        var band = counter.isFull ? "full" : "free";
        if (band === "free") counter.increase();
        return { status: bands[band], responsePayload: [band, counter.read(), typeof counter].join("/") };
    };
})();
