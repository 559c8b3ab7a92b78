// What browsers load of the demo's pages: read and bundled into memory once, when the demo starts.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/** A file as a browser gets it. */
export interface PageFile {
  readonly type: string;
  readonly text: string;
}

/** The files of a page by path; `/` is its HTML. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** The pages of the demo. */
export interface Pages {
  readonly portal: PageFiles;
  readonly phone: PageFiles;
}

const source = join(import.meta.dirname, "../browser");

const read = async (name: string, type: string): Promise<PageFile> => ({
  type,
  text: await readFile(join(source, name), "utf8"),
});

async function scriptOf(page: string): Promise<PageFile> {
  const { outputFiles } = await build({
    entryPoints: [join(source, page, "main.ts")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2023",
    charset: "utf8",
    logLevel: "silent",
  });
  return { type: "text/javascript", text: outputFiles[0]?.text ?? "" };
}

/** Reads and bundles everything. Throws what esbuild says of a source that it cannot bundle. */
export async function readPages(): Promise<Pages> {
  const [style, icon] = await Promise.all([
    read("style.css", "text/css"),
    read("icon.svg", "image/svg+xml"),
  ]);
  const page = async (name: string): Promise<PageFiles> =>
    new Map([
      ["/", await read(`${name}.html`, "text/html")],
      ["/main.js", await scriptOf(name)],
      ["/style.css", style],
      ["/icon.svg", icon],
    ]);
  const [portal, phone] = await Promise.all([page("portal"), page("phone")]);
  return { portal, phone };
}
