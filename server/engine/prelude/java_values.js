// Java's methods on plain numbers and booleans.
import { extendPrototype } from "./builtins.js";
import { compareValues } from "./java_classes.js";
import { moduleExports } from "./modules.js";

extendPrototype(Number.prototype, {
  byteValue() {
    return (this << 24) >> 24;
  },
  compareTo(other) {
    return compareValues(Number(this), Number(other));
  },
  doubleValue() {
    return Number(this);
  },
  equals(other) {
    return (typeof other === "number" || other instanceof Number) && Number(this) === Number(other);
  },
  floatValue() {
    return Math.fround(this);
  },
  hashCode() {
    return moduleExports("java_numbers.js").hashOfNumber(Number(this));
  },
  intValue() {
    return this | 0;
  },
  isNaN() {
    return Number.isNaN(Number(this));
  },
  longValue() {
    return Math.trunc(this);
  },
  shortValue() {
    return (this << 16) >> 16;
  },
});

extendPrototype(Boolean.prototype, {
  booleanValue() {
    return this.valueOf();
  },
  compareTo(other) {
    return compareValues(this.valueOf(), other.valueOf());
  },
  equals(other) {
    return this.valueOf() === other?.valueOf();
  },
  hashCode() {
    return this.valueOf() ? 1231 : 1237;
  },
});
