// The page docs/sdk.md, made of the rows of `proofs.ts`. `node test/clients/sdk/page.ts` writes it.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SdkErrorName } from "../../../clients/sdk/error.ts";
import { sdkErrorCodes } from "../../../clients/sdk/error.ts";
import type { Row, Verb } from "./proofs.ts";
import { absentCodes, absentVerbs, errorRows, testOf, verbRows } from "./proofs.ts";

/** Where the page is. */
export const pageFile = join(import.meta.dirname, "../../../docs/sdk.md");

const titleForm = /^\s*(["`])((?:(?!\1).)*)\1/s;

/** Gives the whole title of the test of a row, as a link to its file. */
function proof(row: Row): string {
  if (typeof row === "string") return row;
  const [file] = row;
  const title = titleForm.exec(testOf(...row))?.[2] ?? "";
  const plain = title.replace(/\$\{(\w+)\}/g, "($1)");
  return `[${file}](../test/clients/sdk/${file}.test.ts): ${plain}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const verbTable = (): string =>
  table(
    ["verb", "documented as", "shown by"],
    [
      ...(Object.keys(verbRows) as Verb[]).map((verb) => {
        const [documented, ...row] = verbRows[verb];
        return [`\`${verb}\``, documented, proof(row)];
      }),
      ...Object.entries(absentVerbs).map(([documented, why]) => ["none", documented, why]),
    ],
  );

function errorTable(): string {
  const present = (Object.keys(errorRows) as SdkErrorName[]).map(
    (name) => [sdkErrorCodes[name], `\`${name}\``, proof(errorRows[name])] as const,
  );
  const absent = Object.entries(absentCodes).map(
    ([code, why]) => [Number(code), "none", why] as const,
  );
  const rows = [...present, ...absent].toSorted(([one], [other]) => one - other);
  return table(
    ["number", "`SdkError.reason`", "shown by, or why it does not occur"],
    rows.map(([code, ...cells]) => [String(code), ...cells]),
  );
}

/** Gives the text of the page. */
export const page = (): string => `# The SDK: verbs and errors, and what shows them

Made by \`node test/clients/sdk/page.ts\` from [proofs.ts](../test/clients/sdk/proofs.ts); tests hold both together. Each
title is that of a test which uses the verb, or provokes the error, before a real server.

## Verbs

${verbTable()}

## Errors

Those from 9000 to 9999 may be told to users; those from 10000 on hint at a misconfiguration or a fault of the app.

${errorTable()}
`;

if (import.meta.main) {
  mkdirSync(dirname(pageFile), { recursive: true });
  writeFileSync(pageFile, page());
}
