// Spring's classes as scripts see them, and what REST_TEMPLATE sends and makes of answers.
import assert from "node:assert/strict";
import type { Engine } from "../../server/engine/engine.ts";
import { evaluate, testEngine } from "./support/engine.ts";
import { describeRows, type Rows, thrown } from "./support/java_rows.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

const http = "org.springframework.http";
const web = "org.springframework.web";

const values: Rows = [
  [
    `[200, 404, 418, 502].map((code) => ${http}.HttpStatus.valueOf(code).getReasonPhrase())`,
    ["OK", "Not Found", "I'm a teapot", "Bad Gateway"],
  ],
  [
    `[String(${http}.HttpStatus.CREATED), ${http}.HttpStatus.CREATED.value(), ${http}.HttpStatus.CREATED.name(), ${http}.HttpStatus.valueOf("CREATED") === ${http}.HttpStatus.CREATED]`,
    ["201 CREATED", 201, "CREATED", true],
  ],
  [
    `((s) => [s.is2xxSuccessful(), s.is4xxClientError(), s.is5xxServerError(), s.isError(), String(s.series()), s.series() === ${http}.HttpStatus.Series.CLIENT_ERROR])(${http}.HttpStatus.CONFLICT)`,
    [false, true, false, true, "CLIENT_ERROR", true],
  ],
  [`[${http}.HttpStatus.resolve(799), String(${http}.HttpStatus.valueOf(799))]`, [null, "799 799"]],
  [
    `[${http}.HttpStatus.OK == 200, ${http}.HttpStatus.OK.equals(${http}.HttpStatus.valueOf(200))]`,
    [true, true],
  ],
  [
    thrown(`${http}.HttpStatus.valueOf("NOPE")`),
    `java.lang.IllegalArgumentException: No enum constant ${http}.HttpStatus.NOPE`,
  ],
  [
    `[String(${http}.HttpMethod.POST), ${http}.HttpMethod.POST.name(), ${http}.HttpMethod.resolve("X"), ${http}.HttpMethod.valueOf("PATCH").matches("PATCH")]`,
    ["POST", "POST", null, true],
  ],
  [
    `((m) => [m.getType(), m.getSubtype(), m.getCharset(), String(m)])(${http}.MediaType.parseMediaType("text/html; charset=utf-8"))`,
    ["text", "html", "utf-8", "text/html; charset=utf-8"],
  ],
  [
    `((m) => [m.includes(${http}.MediaType.TEXT_PLAIN), m.equals(new ${http}.MediaType("text", "*")), m.isCompatibleWith(${http}.MediaType.APPLICATION_JSON), ${http}.MediaType.ALL.includes(m)])(new ${http}.MediaType("text"))`,
    [true, true, false, true],
  ],
  [
    `[${http}.MediaType.APPLICATION_JSON_VALUE, String(new ${http}.MediaType("application", "json", "UTF-8"))]`,
    ["application/json", "application/json;charset=UTF-8"],
  ],
  [
    thrown(`${http}.MediaType.valueOf("json")`),
    `java.lang.IllegalArgumentException: Invalid mime type "json": does not contain '/'`,
  ],
];

const headers: Rows = [
  [
    `((h) => (h.add("X-A", "1"), h.add("x-a", "2"), h.set("B", "3"), [h.get("X-a").toArray(), h.getFirst("b"), h.containsKey("X-A"), h.size(), String(h)]))(new ${http}.HttpHeaders())`,
    [["1", "2"], "3", true, 2, '[X-A:"1", "2", B:"3"]'],
  ],
  [
    `((h) => (h.setBasicAuth("u", "p"), h.setContentType(${http}.MediaType.APPLICATION_JSON), h.setAccept(java.util.Arrays.asList(${http}.MediaType.APPLICATION_JSON, ${http}.MediaType.TEXT_PLAIN)), [h.getFirst("Authorization"), String(h.contentType), h.getFirst("Accept"), h.getAccept().size()]))(new ${http}.HttpHeaders())`,
    ["Basic dTpw", "application/json", "application/json, text/plain", 2],
  ],
  [
    `((h) => (h.setBearerAuth("t"), h.contentType = ${http}.MediaType.TEXT_PLAIN, h.setCacheControl("no-store"), h.setLocation(java.net.URI.create("http://a")), [h.getFirst(${http}.HttpHeaders.AUTHORIZATION), h.getFirst("content-type"), h.getFirst("cache-control"), h.getLocation().getHost(), h.getContentLength()]))(new ${http}.HttpHeaders())`,
    ["Bearer t", "text/plain", "no-store", "a", -1],
  ],
  [
    `((h) => (h.put("A", java.util.Arrays.asList("1", "2")), h.remove("a"), h.setAll(new java.util.HashMap({ C: "x" })), h.addAll("C", ["y"]), h.addIfAbsent("C", "z"), JSON.stringify(h)))(new ${http}.HttpHeaders())`,
    '{"C":["x","y"]}',
  ],
  [
    `((m) => (m.add("k", 1), m.add("k", 2), m.add("K", 3), m.set("s", "v"), [m.getFirst("k"), String(m), String(m.toSingleValueMap()), m.values().size()]))(new org.springframework.util.LinkedMultiValueMap())`,
    [1, "{k=[1, 2], K=[3], s=[v]}", "{k=1, K=3, s=v}", 3],
  ],
  [
    `(() => { var out = [], m = new org.springframework.util.LinkedMultiValueMap(); m.add("a", "1"); m.forEach((k, v) => out.push(k + v)); for (const e of m.entrySet()) out.push(e.getKey() + e.getValue().get(0)); return out })()`,
    ["a[1]", "a1"],
  ],
  [`new ${http}.HttpHeaders() instanceof org.springframework.util.MultiValueMap`, true],
];

const entities: Rows = [
  [
    `((e) => [e.getBody(), e.hasBody(), e.headers.getFirst("a")])(new ${http}.HttpEntity("b", ((h) => (h.add("A", "1"), h))(new ${http}.HttpHeaders())))`,
    ["b", true, "1"],
  ],
  [
    `((e) => [e.getBody(), e.hasBody(), e.getHeaders().getFirst("a")])(new ${http}.HttpEntity(((h) => (h.add("A", "1"), h))(new ${http}.HttpHeaders())))`,
    [null, false, "1"],
  ],
  [
    `((h) => (h.add("A", "1"), new ${http}.HttpEntity("b", h).getHeaders().getFirst("a")))(new org.springframework.util.LinkedMultiValueMap())`,
    "1",
  ],
  [
    `((r) => [r.getBody(), r.statusCodeValue, String(r.statusCode)])(new ${http}.ResponseEntity("b", ${http}.HttpStatus.CREATED))`,
    ["b", 201, "201 CREATED"],
  ],
  [`((r) => [r.getBody(), r.getStatusCodeValue()])(${http}.ResponseEntity.ok("b"))`, ["b", 200]],
  [
    `((r) => [r.getStatusCodeValue(), r.getHeaders().getFirst("x")])(${http}.ResponseEntity.status(409).header("X", "1").build())`,
    [409, "1"],
  ],
  [
    `((r) => [r.getBody(), String(r.getMethod()), r.getUrl().getHost(), r.getHeaders().getFirst("Accept")])(${http}.RequestEntity.post("http://h/x").accept(${http}.MediaType.ALL).body("b"))`,
    ["b", "POST", "h", "*/*"],
  ],
];

const builder = `${web}.util.UriComponentsBuilder`;
const uris: Rows = [
  [
    `${builder}.fromHttpUrl("https://h.example/x").path("/y").queryParam("q", "a b&c").queryParam("z", 1, 2).toUriString()`,
    "https://h.example/x/y?q=a%20b%26c&z=1&z=2",
  ],
  [
    `${builder}.fromHttpUrl("https://h.example:8443/x/{id}").queryParam("q", "{q}").buildAndExpand("1", "b c").encode().toUriString()`,
    "https://h.example:8443/x/1?q=b%20c",
  ],
  [
    `${builder}.fromHttpUrl("https://h.example/{id}").buildAndExpand(new java.util.HashMap({ id: "a b" })).toUriString()`,
    "https://h.example/a b",
  ],
  [
    `String(${builder}.newInstance().scheme("https").host("h.example").port(8443).pathSegment("a", "b/c").fragment("f").build().encode().toUri())`,
    "https://h.example:8443/a/b%2Fc#f",
  ],
  [
    `${builder}.fromUriString("http://h/?a=1&b=2&a=3").replaceQueryParam("a", "9").build().toUriString()`,
    "http://h/?b=2&a=9",
  ],
  [
    `${builder}.fromUriString("http://h/x?old").replacePath("/new").queryParam("list", java.util.Arrays.asList("p", "q")).build().toString()`,
    "http://h/new?old&list=p&list=q",
  ],
  [
    `((c) => [c.getScheme(), c.getHost(), c.getPort(), c.getPath()])(${builder}.fromUriString("http://h:81/a").build())`,
    ["http", "h", 81, "/a"],
  ],
  [
    thrown(`${builder}.fromHttpUrl("ftp://h")`),
    "java.lang.IllegalArgumentException: [ftp://h] is not a valid HTTP URL",
  ],
];

describe("Spring", () => {
  describeRows({ values, headers, entities, "addresses that are put together": uris });

  describe("REST_TEMPLATE (D-24)", () => {
    let engine: Engine;
    let portal: Receiver;
    before(async () => {
      portal = await startReceiver(({ method, path, headers: sent, body }, response) => {
        const [, status = "200"] = /^\/status\/(\d+)/.exec(path) ?? [];
        response.statusCode = Number(status);
        response.setHeader("content-type", "application/json");
        const { accept = null } = sent;
        const answers: Readonly<Record<string, string>> = {
          "/list": '[1,{"a":2}]',
          "/number": "42",
        };
        response.end(answers[path] ?? JSON.stringify({ method, path, accept, body }));
      });
      engine = await testEngine({ egress: { allow: [portal.origin] } });
    });
    after(async () => {
      await engine[Symbol.asyncDispose]();
      await portal[Symbol.asyncDispose]();
    });
    const value = (expression: string): Promise<unknown> =>
      evaluate(engine, expression.replaceAll("PORTAL", portal.origin));

    const calls: Rows = [
      [
        'REST_TEMPLATE.getForObject("PORTAL/{a}/{b}", java.util.Map.class, ["x", "y z"]).path',
        "/x/y%20z",
      ],
      [
        'REST_TEMPLATE.getForObject("PORTAL/{a}", java.util.Map.class, new java.util.HashMap({ a: "m/n" })).path',
        "/m%2Fn",
      ],
      ['REST_TEMPLATE.getForObject("PORTAL/{a}/{a}", java.util.Map.class, { a: 7 }).path', "/7/7"],
      [
        'REST_TEMPLATE.getForObject(java.net.URI.create("PORTAL/u%20v"), java.util.Map.class).path',
        "/u%20v",
      ],
      ['REST_TEMPLATE.getForObject("PORTAL/list", java.util.List.class).get(1).get("a")', 2],
      ['REST_TEMPLATE.getForObject("PORTAL/number", java.lang.Integer.class) + 1', 43],
      ['REST_TEMPLATE.getForObject("PORTAL/x", java.lang.Object.class).get("method")', "GET"],
      ['REST_TEMPLATE.getForObject("PORTAL/number", Java.type("byte[]").class).length', 2],
      [
        `REST_TEMPLATE.exchange(${http}.RequestEntity.put("PORTAL/r").accept(${http}.MediaType.TEXT_PLAIN).body("b"), java.util.Map.class).getBody().toJSON()`,
        { method: "PUT", path: "/r", accept: "text/plain", body: "b" },
      ],
      [
        'REST_TEMPLATE.exchange("PORTAL/{p}", "DELETE", null, java.util.Map.class, "gone").getBody().method',
        "DELETE",
      ],
      [
        `new ${web}.client.RestTemplate().postForObject("PORTAL/x", new java.util.HashMap({ a: [1] }), java.util.Map.class).body`,
        '{"a":[1]}',
      ],
      [
        'JSON.parse(REST_TEMPLATE.postForObject("PORTAL/x", null, java.lang.String.class)).body',
        "",
      ],
    ];
    for (const [call, expected] of calls) {
      it(`answers ${call.slice(0, 90)}`, async () => {
        assert.deepEqual(await value(call), expected);
      });
    }

    it("throws exceptions with everything that Spring's have", async () => {
      const caught = (status: number): Promise<unknown> =>
        value(`(() => { try { REST_TEMPLATE.getForObject("PORTAL/status/${status}", java.lang.String.class); }
          catch (e) { var client = ${web}.client; return [e.getRawStatusCode(), e.getStatusText(), e.statusCode.value(),
            JSON.parse(e.responseBodyAsString).path, e.getResponseBodyAsByteArray().length > 9,
            String(e.getResponseHeaders().getContentType()), e instanceof client.HttpStatusCodeException,
            e instanceof client.HttpClientErrorException, e instanceof client.HttpClientErrorException.NotFound,
            e instanceof client.HttpServerErrorException.BadGateway, e.getMostSpecificCause() === e]; } })()`);
      assert.deepEqual(await caught(404), [
        404,
        "Not Found",
        404,
        "/status/404",
        true,
        "application/json",
        true,
        true,
        true,
        false,
        true,
      ]);
      const [code, , , , , , , isClient, isNotFound, isBadGateway] = (await caught(
        502,
      )) as unknown[];
      assert.deepEqual([code, isClient, isNotFound, isBadGateway], [502, false, false, true]);
    });
  });
});
