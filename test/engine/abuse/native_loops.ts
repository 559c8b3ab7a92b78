// Loops inside of the engine's own functions: neither time nor memory can end them from inside.
import { type Abuse, cpuOrMemory, killed, returns } from "./row.ts";

const longest = "{ length: 9007199254740991 }";
const sparse = "const a = []; a.length = 4294967295;";
const refused = /^3001 (RangeError|TypeError): /;

/** Calls on 2^53 elements that are not there. */
const arrayLikes: readonly Abuse[] = [
  ["indexOf", `Array.prototype.indexOf.call(${longest}, 1);`, killed],
  ["lastIndexOf", `Array.prototype.lastIndexOf.call(${longest}, 1);`, killed],
  ["includes", `Array.prototype.includes.call(${longest}, 1);`, killed],
  ["every", `Array.prototype.every.call(${longest}, () => true);`, killed],
  ["reverse", `Array.prototype.reverse.call(${longest});`, killed],
  ["join", `Array.prototype.join.call(${longest});`, killed],
  ["toLocaleString", `Array.prototype.toLocaleString.call(${longest});`, killed],
  ["sort", `Array.prototype.sort.call(${longest});`, killed],
  ["flat", `Array.prototype.flat.call(${longest});`, killed],
  ["splice", `Array.prototype.splice.call(${longest}, 0, 1);`, killed],
  ["shift", `Array.prototype.shift.call(${longest});`, killed],
  ["copyWithin", `Array.prototype.copyWithin.call(${longest}, 0, 1);`, killed],
  ["reduceRight", `Array.prototype.reduceRight.call(${longest}, (x) => x, 0);`, killed],
  ["String.raw", `String.raw({ raw: ${longest} });`, killed],
  ["unshift", `Array.prototype.unshift.call(${longest}, 1);`, refused],
  ["push", `Array.prototype.push.call(${longest}, 1);`, refused],
  ["slice", `Array.prototype.slice.call(${longest}, 0);`, refused],
  ["toSorted", `Array.prototype.toSorted.call(${longest});`, refused],
  ["Reflect.apply", `Reflect.apply(Math.max, null, ${longest});`, refused],
  ["fromCharCode", "String.fromCharCode.apply(null, { length: 1e9 });", refused],
  ["Array.from", `Array.from(${longest});`, refused],
  ["Java.from", `Java.from(${longest});`, refused],
  ["fill", `Array.prototype.fill.call(${longest}, 0);`, cpuOrMemory],
  ["find", `Array.prototype.find.call(${longest}, (x) => x);`, /^limit cpu/],
];

/** Calls on arrays of 2^32 - 1 holes. */
const sparseArrays: readonly Abuse[] = [
  ["indexOf", `${sparse} a.indexOf(1);`, killed],
  ["reverse", `${sparse} a.reverse();`, killed],
  ["join", `${sparse} a.join();`, killed],
  ["sort", `${sparse} a.sort();`, killed],
  ["splice", `${sparse} a.splice(0, 1);`, killed],
  ["concat", `${sparse} a.concat([1]);`, killed],
  ["map", `${sparse} a.map((x) => x);`, killed],
  ["a spread loop", `${sparse} for (const x of a);`, /^limit cpu/],
  ["keys", `${sparse} got = Object.keys(a).join();`, returns()],
  [
    "setting the length to nothing",
    `${sparse} a[4294967294] = 1; a.length = 0; got = String(a.length);`,
    returns("0"),
  ],
];

const named = (rows: readonly Abuse[], of: string): readonly Abuse[] =>
  rows.map(([attempt, text, ends]) => [`${attempt} of ${of}`, text, ends]);

/** Loops in native code; most need the worker to be ended. */
export const nativeLoops: readonly Abuse[] = [
  ...named(arrayLikes, "2^53 elements"),
  ...named(sparseArrays, "2^32 holes"),
  [
    "a loop that kills, in a promise job",
    `return Promise.resolve().then(() => [].indexOf.call(${longest}, 1));`,
    killed,
  ],
  [
    "a loop that kills, in a getter of the result",
    `return { get status() { [].indexOf.call(${longest}, 1); } };`,
    killed,
  ],
  [
    "a loop that kills, after a host call",
    `CACHE.store("k", "v"); [].indexOf.call(${longest}, 1);`,
    killed,
  ],
  ["a loop that kills, in a proxy", `[].indexOf.call(new Proxy(${longest}, {}), 1);`, killed],
  [
    "an eval that is looked through again and again",
    "eval('('.repeat(400) + '1+'.repeat(120000) + '1' + ')'.repeat(400));",
    /^limit (cpu|stack|memory)/,
  ],
];
