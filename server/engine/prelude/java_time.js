// java.util.Date, java.time.Instant and Duration, and units of time; nothing of calendars and formats.
import { addMethods, compareValues, JavaObject, javaClass } from "./java_classes.js";
import { exceptionClass, exceptionOf } from "./java_throwables.js";

exceptionClass("java.time.DateTimeException", "java.lang.RuntimeException");
exceptionClass("java.time.format.DateTimeParseException", "java.time.DateTimeException");

/** An object that is a number of milliseconds. */
class Milliseconds extends JavaObject {
  constructor(ms) {
    super();
    this.ms = ms;
  }
  compareTo(other) {
    return compareValues(this.ms, other.ms);
  }
  equals(other) {
    return other instanceof this.constructor && other.ms === this.ms;
  }
  hashCode() {
    return Number(BigInt.asIntN(32, BigInt(this.ms) ^ (BigInt(this.ms) >> 32n)));
  }
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const twoDigits = (value) => String(value).padStart(2, "0");

/** A date, of which Java's clock here is always UTC. */
class JavaDate extends Milliseconds {
  constructor(...given) {
    const [first, month, day = 1, ...time] = given;
    const isParts = month !== undefined;
    super(
      isParts
        ? Date.UTC(first + 1900, month, day, ...time)
        : first === undefined
          ? Date.now()
          : Number(first),
    );
  }
  static from(instant) {
    return new JavaDate(instant.toEpochMilli());
  }
  after(other) {
    return this.ms > other.getTime();
  }
  before(other) {
    return this.ms < other.getTime();
  }
  getTime() {
    return this.ms;
  }
  setTime(ms) {
    this.ms = ms;
  }
  toInstant() {
    return new Instant(this.ms);
  }
  toJSON() {
    return this.ms;
  }
  toString() {
    const date = new Date(this.ms);
    const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits);
    return [
      days[date.getUTCDay()],
      months[date.getUTCMonth()],
      twoDigits(date.getUTCDate()),
      time.join(":"),
      "UTC",
      date.getUTCFullYear(),
    ].join(" ");
  }
  valueOf() {
    return this.ms;
  }
}
javaClass("java.util.Date", JavaDate);

const units = {
  NANOSECONDS: 1e-6,
  MICROSECONDS: 1e-3,
  MILLISECONDS: 1,
  SECONDS: 1_000,
  MINUTES: 60_000,
  HOURS: 3_600_000,
  DAYS: 86_400_000,
};

/** A number of one unit in another one, cut like Java's whole numbers. */
const converted = (amount, from, to) => Math.trunc(amount * (from / to)) || 0;

class TimeUnit extends JavaObject {
  constructor(name, ms) {
    super();
    Object.assign(this, { title: name, ms });
  }
  static valueOf(name) {
    return TimeUnit[name];
  }
  convert(amount, unit) {
    return converted(amount, unit.ms, this.ms);
  }
  name() {
    return this.title;
  }
  toString() {
    return this.title;
  }
}
for (const name of Object.keys(units)) {
  TimeUnit[name] = new TimeUnit(name, units[name]);
  const short = name === "MILLISECONDS" ? "Millis" : name[0] + name.slice(1).toLowerCase();
  const method = `to${short.replace("Nanoseconds", "Nanos").replace("Microseconds", "Micros")}`;
  addMethods(TimeUnit, {
    [method]: function (amount) {
      return converted(amount, this.ms, units[name]);
    },
  });
}
javaClass("java.util.concurrent.TimeUnit", TimeUnit);

const chronoNames = { MILLIS: "MILLISECONDS", SECONDS: "SECONDS", MINUTES: "MINUTES" };
Object.assign(chronoNames, { HOURS: "HOURS", DAYS: "DAYS" });
class ChronoUnit extends TimeUnit {
  between(from, to) {
    return converted(to.toEpochMilli() - from.toEpochMilli(), 1, this.ms);
  }
}
for (const name of Object.keys(chronoNames)) {
  ChronoUnit[name] = new ChronoUnit(name, units[chronoNames[name]]);
}
javaClass("java.time.temporal.ChronoUnit", ChronoUnit);

class Duration extends Milliseconds {
  static between(from, to) {
    return new Duration(to.toEpochMilli() - from.toEpochMilli());
  }
  abs() {
    return new Duration(Math.abs(this.ms));
  }
  getSeconds() {
    return Math.floor(this.ms / 1000);
  }
  isNegative() {
    return this.ms < 0;
  }
  isZero() {
    return this.ms === 0;
  }
  minus(other) {
    return new Duration(this.ms - other.ms);
  }
  multipliedBy(count) {
    return new Duration(this.ms * count);
  }
  plus(other) {
    return new Duration(this.ms + other.ms);
  }
  toString() {
    const [hours, minutes, seconds] = [
      converted(this.ms, 1, units.HOURS),
      converted(this.ms, 1, units.MINUTES) % 60,
      (this.ms % units.MINUTES) / 1000,
    ];
    const parts = [
      hours === 0 ? "" : `${hours}H`,
      minutes === 0 ? "" : `${minutes}M`,
      seconds === 0 ? "" : `${seconds}S`,
    ];
    return this.ms === 0 ? "PT0S" : `PT${parts.join("")}`;
  }
}
for (const name of ["Millis", "Seconds", "Minutes", "Hours", "Days"]) {
  const unit = units[name === "Millis" ? "MILLISECONDS" : name.toUpperCase()];
  Duration[`of${name}`] = (count) => new Duration(count * unit);
  addMethods(Duration, {
    [`plus${name}`]: function (count) {
      return new Duration(this.ms + count * unit);
    },
  });
  if (name === "Seconds") continue;
  addMethods(Duration, {
    [`to${name}`]: function () {
      return converted(this.ms, 1, unit);
    },
  });
}
Duration.ZERO = new Duration(0);
javaClass("java.time.Duration", Duration);

const instantForm = /^[+-]?\d{4,}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/i;

class Instant extends Milliseconds {
  static now() {
    return new Instant(Date.now());
  }
  static ofEpochMilli(ms) {
    return new Instant(ms);
  }
  static ofEpochSecond(seconds, nanos = 0) {
    return new Instant(seconds * 1000 + Math.floor(nanos / 1e6));
  }
  static parse(value) {
    const text = String(value);
    const ms = instantForm.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(ms)) return new Instant(ms);
    throw exceptionOf(
      "java.time.format.DateTimeParseException",
      `Text '${text}' could not be parsed at index 0`,
    );
  }
  getEpochSecond() {
    return Math.floor(this.ms / 1000);
  }
  getNano() {
    return (this.ms - this.getEpochSecond() * 1000) * 1e6;
  }
  isAfter(other) {
    return this.ms > other.ms;
  }
  isBefore(other) {
    return this.ms < other.ms;
  }
  minus(amount, unit) {
    return new Instant(this.ms - (unit ? amount * unit.ms : amount.ms));
  }
  plus(amount, unit) {
    return new Instant(this.ms + (unit ? amount * unit.ms : amount.ms));
  }
  toEpochMilli() {
    return this.ms;
  }
  toJSON() {
    return this.toString();
  }
  toString() {
    return new Date(this.ms).toISOString().replace(".000Z", "Z");
  }
  truncatedTo(unit) {
    return new Instant(Math.floor(this.ms / unit.ms) * unit.ms);
  }
  until(other, unit) {
    return unit.between(this, other);
  }
}
for (const [name, unit] of [
  ["Millis", 1],
  ["Seconds", 1_000],
]) {
  addMethods(Instant, {
    [`minus${name}`]: function (count) {
      return new Instant(this.ms - count * unit);
    },
  });
  addMethods(Instant, {
    [`plus${name}`]: function (count) {
      return new Instant(this.ms + count * unit);
    },
  });
}
Instant.EPOCH = new Instant(0);
javaClass("java.time.Instant", Instant);
