// Where the phone page comes from: files and nothing else, at an origin of its own.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerFile, isForHost, pageHeaders } from "./page_answer.ts";
import type { PageFiles } from "./page_files.ts";

/** The site, open. Disposing closes it. */
export interface PhoneSite extends AsyncDisposable {
  /** `http://127.0.0.1:` and the port: the origin that the token server has to let in. */
  readonly url: string;
  /** Names the token server, which is started later since it has to know this origin. */
  join(issuer: string): void;
}

/** Opens the site on a free port of 127.0.0.1. Until it knows the token server it answers 503. */
export async function openPhoneSite(files: PageFiles): Promise<PhoneSite> {
  let issuer: string | undefined;
  let url = "";
  const server = createServer((request, response) => {
    if (!isForHost(request, url)) return response.writeHead(421).end();
    if (issuer === undefined) return response.writeHead(503).end();
    const known = issuer;
    const headers = pageHeaders([new URL(known).origin]);
    const isFile = answerFile(request, response, files, headers, (html) =>
      // A URL of the demo's own server: it has nothing that HTML could take for a mark.
      html.replace("{issuer}", known),
    );
    return isFile || response.writeHead(404, headers).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    join(name) {
      issuer = name;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
