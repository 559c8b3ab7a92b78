// The checker of sources: every place in an older dialect and every unknown Java name, and nothing else.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { problemLines } from "../../server/engine/checker/report.ts";
import type { Engine } from "../../server/engine/engine.ts";
import type { ScriptProblem } from "../../server/engine/script.ts";
import { evaluate, failed, runBody, testEngine } from "./support/engine.ts";

describe("the checker of sources", () => {
  let engine: Engine;
  before(async () => {
    engine = await testEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const execute = "function execute() {}";
  const check = (source: string): Promise<ScriptProblem[]> => engine.check(source, "script.js");
  const placesOf = (problems: readonly ScriptProblem[]): string[] =>
    problems.map(({ code, place }) => `${code} ${place?.line}:${place?.column}`);

  describe("of older dialects", () => {
    const forms: readonly [name: string, source: string, places: string[], hint: RegExp][] = [
      ["for each", "for each (var x in [1]) {}", ["1:5"], /for \(const x of list\)/],
      [
        "for each, in a function and over an object",
        "\nfunction f() {\n  for  each\n (x in y) { x; } }",
        ["3:8"],
        /Object\.values/,
      ],
      [
        "a conditional catch",
        "try { f() } catch (e if e.x == 1) {}",
        ["1:22"],
        /inside of one catch/,
      ],
      [
        "several catches",
        "try { f() } catch (e if e instanceof A) { a() } catch (e if e.b) {} catch (e) { b() } finally {}",
        ["1:22", "1:49", "1:58", "1:69"],
        /inside of one catch/,
      ],
      ["an expression closure", "var f = function (x) x * x;", ["1:22"], /without braces/],
      ["a named closure", "function add(a, b) a + b;", ["1:20"], /=>/],
      [
        "closures inside of closures and of lists",
        "var m = list.map(function (x) function (y) x + y, 3), o = { a: function () 1, b: function () (2, 3) };",
        ["1:31", "1:44", "1:76", "1:94"],
        /return/,
      ],
      [
        "an anonymous class",
        "var r = new java.lang.Runnable() { run: function () {} };",
        ["1:34"],
        /Java\.extend/,
      ],
      [
        "an anonymous class without parentheses",
        "f(new Runnable { run: g });",
        ["1:16"],
        /Java\.extend/,
      ],
      ["a here-document", "var s = <<EOF;\nit's 'open\n  EOF\nvar t = 1;", ["1:9"], /backticks/],
      ["a comment with a hash", "# it's\nvar a = 1; # don't\n#b\n", ["1:1", "2:12", "3:1"], /\/\//],
      ["XML", "var x = <a b='1'>it's<b/><!-- > --></a>;\nx.@b;", ["1:9", "2:3"], /E4X/],
      ["an empty XML list", "var x = <></>;", ["1:9"], /E4X/],
      ["a comprehension", "var x = [a * 2 for (a in list) if (a > [1][0])];", ["1:16"], /map/],
    ];
    for (const [name, source, places, hint] of forms) {
      it(`finds ${name}, with the rewrite`, async () => {
        const problems = await check(`${source}\n${execute}`);
        assert.deepEqual(
          placesOf(problems),
          places.map((place) => `syntax ${place}`),
        );
        for (const problem of problems) {
          assert.equal(problem.refused, true);
          assert.match(problem.hint ?? "", hint);
        }
      });
    }

    it("lists all of them in one go, with what QuickJS says of the rest", async () => {
      const source = [
        "for each (var a in b) {}",
        "var f = function (x) x;",
        "function execute() {",
        "  try { f() } catch (e if e.f) { return {; }",
        "}",
      ].join("\n");
      const problems = await check(source);
      assert.deepEqual(placesOf(problems), [
        "syntax 1:5",
        "syntax 2:22",
        "syntax 4:24",
        "syntax 4:42",
      ]);
      assert.match(problems.at(-1)?.message ?? "", /^SyntaxError: /);
      assert.equal(problems.at(-1)?.hint, undefined);
    });

    it("says also that there is no execute, and names classes in the same pass", async () => {
      const problems = await check("for each (var a in [java.io.File]) {}");
      assert.deepEqual(
        problems.map(({ code }) => code),
        ["no_execute", "syntax", "java_class"],
      );
    });

    it("counts columns in characters, as QuickJS does", async () => {
      const forEach = await check(`var a = "\u{1f600}é"; for each (x in y) {}\n${execute}`);
      assert.deepEqual(placesOf(forEach), ["syntax 1:19"]);
      const plain = await check(`var a = "\u{1f600}é"; ?\n${execute}`);
      assert.deepEqual(placesOf(plain), ["syntax 1:15"]);
    });

    const plain: readonly string[] = [
      `// for each (x in y) {}\n/* catch (e if e) */ var s = "function (x) x"; var t = '# <a>';`,
      "var r = /for each (x in y)|<a>|#/; var d = a_b / 2 / 3; var a_b;",
      "var each = [1]; for (each in {}) {} for (var each of []) {}",
      "var o = { each: 1, for: 2, if: 3 }; o.for; o.each;",
      `var t = ${"`# <a> $"}{[1].map(function (x) { return "#" + x })}${"`"};`,
      "class A { #x = 1; static { this.y = 1; } get x() { return this.#x; } }",
      "#!/usr/bin/gatewright\nvar a = 1 < 2, b = a << 3;",
      "function old(a, b, c) { with (a) { b = 010; } return arguments.callee; }",
      "var f = (x) => x * x, g = async (x) => { await x; };",
      "label: for (;;) { break label; }\nvar x = function () {}\n{ run: 1 }",
      "try { f() } catch { } finally { }\nvar f;",
    ];
    for (const source of plain) {
      it(`says nothing of ${JSON.stringify(source).slice(0, 70)}`, async () => {
        assert.deepEqual(await check(`${source}\n${execute}`), []);
      });
    }

    it("refuses exactly what QuickJS does not parse", async () => {
      const pieces = fc.array(
        fc.constantFrom(
          ..."for each ( x in y ) { } ; var f = function ( a ) a * 2 ; try catch e if # <a> </a> @ << EOF new A [ ] , return \n 1 ` ${ / ' \"".split(
            " ",
          ),
        ),
        { maxLength: 14 },
      );
      await fc.assert(
        fc.asyncProperty(pieces, async (words) => {
          const source = words.join(" ");
          const problems = await check(`${execute}\n${source}`);
          const parses = await evaluate(
            engine,
            `(() => { try { (0, eval)(${JSON.stringify(`if (0) {}\n${execute}\n${source}`)}); return true; }
              catch (e) { return !(e instanceof SyntaxError); } })()`,
          );
          assert.equal(
            problems.every(({ code }) => code !== "syntax"),
            parses,
            source,
          );
        }),
        { numRuns: 150 },
      );
    });
  });

  describe("of hostile sources", () => {
    const nested: readonly [name: string, source: string][] = [
      ["parentheses", "(".repeat(100_000)],
      ["lists", `var a = ${"[".repeat(50_000)}${"]".repeat(50_000)};`],
      ["sums", `var a = ${"1+".repeat(100_000)}1;`],
      ["members", `var a = java${".b".repeat(100_000)};`],
      ["closures", `var a = ${"function () ".repeat(10_000)} 1;`],
      ["tags", `var a = ${"<a>".repeat(50_000)}`],
      ["an open tag", `var a = <${"a".repeat(200_000)}`],
      ["here-documents", "x = <<A\n".repeat(20_000)],
      ["for each", "for each (x in y) {}\n".repeat(10_000)],
      ["lists that are open", `x = ${"[a for (".repeat(20_000)}`],
    ];
    for (const [name, source] of nested) {
      it(`ends with ${name} without end, and serves on`, async () => {
        const problems = await check(`${execute}\n${source}`);
        assert.ok(problems.length <= 100);
        assert.equal(await evaluate(engine, "1 + 1"), 2);
      });
    }
  });

  describe("of Java names (D-27)", () => {
    const unknown: readonly [source: string, name: string, place: string, hint?: RegExp][] = [
      ["var F = java.io.File;", "java.io.File", "1:9", /no files/],
      ["new java.net.HttpURLConnection();", "java.net.HttpURLConnection", "1:5", /REST_TEMPLATE/],
      ["javax.crypto.Cipher.getInstance('AES');", "javax.crypto.Cipher", "1:1", /not available/],
      [
        "new java.text.SimpleDateFormat('yyyy');",
        "java.text.SimpleDateFormat",
        "1:5",
        /toISOString/,
      ],
      ["java.lang.Thread.sleep(5);", "java.lang.Thread", "1:1", /cannot sleep/],
      [
        "Java.type('java.util.concurrent.locks.ReentrantLock');",
        "java.util.concurrent.locks.ReentrantLock",
        "1:11",
        /one thread/,
      ],
      ["Java.extend(Java.type('com.acme.Listener'), {});", "com.acme.Listener", "1:23"],
      ["Java.type('java.util');", "java.util", "1:11"],
      ["Java.type('com.acme.Thing[]');", "com.acme.Thing", "1:11"],
      ["Java.type('java.util.Map$Node');", "java.util.Map.Node", "1:11"],
      ["new Packages.com.acme.Client();", "com.acme.Client", "1:5"],
      ["new JavaImporter(java.util, java.nio.file);", "java.nio.file", "1:29", /no files/],
      ["importClass(org.json.JSONObject);", "org.json.JSONObject", "1:13", /JSON\.parse/],
      ["var E = java.util.Map.Node;", "java.util.Map.Node", "1:9"],
      ["var e = java.lang.System.exit;", "java.lang.System has no member exit", "1:9"],
      ["var c = com['acme']['Client'];", "com.acme.Client", "1:9"],
      ["var c = com.acme.Client.class;", "com.acme.Client", "1:9"],
      ["com.acme.run();", "com.acme.run", "1:1"],
      ["class A { static x = java.io.File }", "java.io.File", "1:22"],
    ];
    for (const [source, name, place, hint] of unknown) {
      it(`refuses ${source} at top level`, async () => {
        const problems = await check(`${source}\n${execute}`);
        assert.deepEqual(placesOf(problems), [`java_class ${place}`]);
        const [problem] = problems;
        assert.ok(problem?.message.includes(name), JSON.stringify(problem));
        assert.equal(problem?.refused, true);
        if (hint !== undefined) assert.match(problem?.hint ?? "", hint);
      });

      it(`lets ${source} be saved inside of a function`, async () => {
        const problems = await check(`function execute() { ${source} }`);
        assert.deepEqual(
          problems.map(({ code, refused, place }) => [code, refused, place?.line]),
          [["java_class", false, 1]],
        );
      });
    }

    const known: readonly string[] = [
      "var u = java.util, l = java.lang; var M = java.util.HashMap;",
      "var e = java.util.AbstractMap.SimpleEntry, f = java.util.Map.Entry;",
      "new JavaImporter(java.util, java.io, org.springframework.http, java.util.HashMap);",
      "function f(com, org) { return com.acme.Client + org.acme.Other; }",
      "var com = { acme: { Client: 1 } }; com.acme.Client;",
      "function f() { var { a: [net] } = {}; return () => net.Foo; }",
      "try { f() } catch (io) { io.Foo; } function f() {}",
      "var s = 'java.io.File'; var o = { java: 1, io: { File: 2 } }; o.io.File; // java.io.File",
      "Java.type('byte[]'); Java.type('java.util.Map$Entry'); Java.to([], 'java.lang.String[]');",
      "function Java() {} Java.type = f; Java.type('com.acme.X'); function f() {}",
      "Packages.java.util.UUID; typeof com;",
      "java.util.concurrent.TimeUnit.SECONDS; java.lang.Integer.MAX_VALUE;",
      "function f(x) { return java[x].Foo; }",
    ];
    for (const source of known) {
      it(`says nothing of ${source}`, async () => {
        assert.deepEqual(await check(`${source}\n${execute}`), []);
      });
    }

    it("finds them in code between dialects, at their places in the source", async () => {
      const source = `for each (x in y) {}\nvar f = function (x) x + java.io.File;\ntry { f() } catch (e if e instanceof com.acme.E) {}\n${execute}`;
      assert.deepEqual(placesOf(await check(source)), [
        "syntax 1:5",
        "syntax 2:22",
        "java_class 2:26",
        "syntax 3:22",
        "java_class 3:38",
      ]);
    });

    it("says what the run would say, with the same advice", async () => {
      const [problem] = await check("function execute() { new java.io.File('x'); }");
      const run = await runBody(engine, "new java.io.File('x');");
      assert.equal(failed(run).code, 3003);
      assert.ok(failed(run).message.endsWith(`${problem?.message}: ${problem?.hint}`));
    });

    it("knows every class that the documented scripts name", async () => {
      for (const name of ["seed_backchannel.js", "seed_complete.js"]) {
        const source = await readFile(new URL(`./scripts/${name}`, import.meta.url), "utf8");
        assert.deepEqual(await check(source), []);
      }
    });

    it("says nothing of names that cannot be looked for within the limits", async () => {
      await using tight = await testEngine({ limits: { cpuMs: 50 } });
      const name = `${"a.".repeat(20_000)}B`;
      const source = `function execute() { Java.type("${name}"); java.io.File; }`;
      assert.deepEqual(await tight.check(source, "s"), []);
      const [found] = await tight.check("function execute() { java.io.File; }", "s");
      assert.equal(found?.code, "java_class");
    });
  });

  describe("the report", () => {
    it("shows the place below a part of its line, and nothing a terminal acts on", () => {
      const source = `\t${"a".repeat(200)}\u001b[31mX\u202e\nsecond`;
      const problem = { code: "syntax", message: "m\u001b", refused: true, hint: "h" } as const;
      const [head, hint, line = "", mark = ""] = problemLines("f\u0007.js", source, {
        ...problem,
        place: { line: 1, column: 207 },
      });
      assert.equal(head, "f?.js:1:207: error: m?");
      assert.equal(hint, "  h");
      assert.equal(line.charAt(mark.indexOf("^")), "X");
      assert.doesNotMatch(line, /\p{Cc}|\u202e/u);
      assert.ok(line.length < 110);
    });

    it("shows a problem without a place, and a warning as one", () => {
      const problem = { code: "no_execute", message: "m", refused: false } as const;
      assert.deepEqual(problemLines("f.js", "", problem), ["f.js: warning: m"]);
    });
  });
});
