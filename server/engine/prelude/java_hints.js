// What to use instead of the Java classes that are not available.

const noFiles = "scripts have no files; PROPERTIES holds what the operator configures";
const noThreads = "a run has one thread; CACHE shares values between runs";
const noKeys = "encryption, signatures and key stores are not available; Mac and MessageDigest are";
const noFormats = "formatting is done with toISOString, toLocaleString, toFixed or String.format";
const noXml = "there is no XML parser; a service that speaks JSON is read with JSON.parse";
const useRest = "requests are made with REST_TEMPLATE or HTTP.request";
const useJson = "JSON is read with JSON.parse and written with JSON.stringify";
const useLog = "lines are logged with LOG";
const useBase64 = "java.util.Base64 is available";
const useMap = "an answer is read as java.util.Map.class or java.util.List.class";

/** Beginnings of Java names, the more special ones before the more general. */
const hints = [
  ["java.io", noFiles],
  ["java.nio.charset", "java.nio.charset.StandardCharsets and Charset.forName are available"],
  ["java.nio", noFiles],
  ["java.lang.Process", "scripts start no programs"],
  ["java.lang.Runtime", "scripts start no programs"],
  ["java.lang.System", "currentTimeMillis, nanoTime, getProperty and out are available"],
  ["java.lang.Thread", `a run cannot sleep and ${noThreads}`],
  ["java.lang.reflect", "there is no reflection"],
  ["java.net.http", useRest],
  ["java.net.HttpURLConnection", useRest],
  ["java.net.URLConnection", useRest],
  ["java.net", `there are no sockets; ${useRest}`],
  ["java.security", noKeys],
  ["java.sql", `there are no databases; ${useRest}`],
  ["java.text", noFormats],
  ["java.time", `java.time.Instant and Duration are available; ${noFormats}`],
  ["java.util.Calendar", "dates are computed with Date or java.time.Instant"],
  ["java.util.GregorianCalendar", "dates are computed with Date or java.time.Instant"],
  ["java.util.Scanner", "text is taken apart with split and regular expressions"],
  ["java.util.TimeZone", noFormats],
  ["java.util.Timer", noThreads],
  ["java.util.concurrent.TimeUnit", "TimeUnit converts; a run cannot sleep"],
  ["java.util.concurrent", noThreads],
  ["java.util.logging", useLog],
  ["java.util.zip", "there is no compression"],
  ["javax.crypto", noKeys],
  ["javax.net", useRest],
  ["javax.script", "scripts run no scripts"],
  ["javax.sql", `there are no databases; ${useRest}`],
  ["javax.xml", noXml],
  ["org.w3c.dom", noXml],
  ["org.xml", noXml],
  ["org.apache.commons.codec.binary.Base64", useBase64],
  ["org.apache.commons.codec", "java.security.MessageDigest and java.util.Base64 are available"],
  ["org.apache.commons.lang", "the methods of java.lang.String work on every text"],
  ["org.apache.http", useRest],
  ["org.apache.log", useLog],
  ["org.json", useJson],
  ["org.slf4j", useLog],
  ["org.springframework.core.ParameterizedTypeReference", useMap],
  ["org.springframework.http.client", `time-outs are settings of the server; ${useRest}`],
  ["org.springframework.jdbc", `there are no databases; ${useRest}`],
  ["com.fasterxml.jackson", useJson],
  ["com.google.gson", useJson],
  ["com.nimbusds", noKeys],
  ["io.jsonwebtoken", noKeys],
  ["com.sun", useRest],
  ["okhttp3", useRest],
];

/** What to use instead of a Java name, undefined when there is no advice. */
export const hintFor = (name) =>
  hints.find(
    ([start]) => name.startsWith(start) && /^(?:\d|\.|$)/.test(name.slice(start.length)),
  )?.[1];
