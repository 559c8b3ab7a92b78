// Makes `gen` from `proto`: the vendored rules, ts-proto's types, the compiled image and openapi.json.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validateProto } from "./vendor.ts";

const root = join(import.meta.dirname, "..");

/** Where the vendored rules live, from the root of the repository. */
export const rulesPath = "proto/buf/validate/validate.proto";

function buf(...args: string[]): void {
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ""}` };
  execFileSync(join(bin, "buf"), args, { cwd: root, stdio: ["ignore", "ignore", "inherit"], env });
}

/**
 * Writes `gen` into a folder, replacing what is there: types, `contract.binpb`, `openapi.json`. The
 * vendored rules must be in place, since the compiler reads them from `proto`.
 */
export async function generate(folder: string): Promise<void> {
  const gen = join(folder, "gen");
  buf("generate", "--template", "proto/buf.gen.yaml", "--output", folder);
  buf("build", "--exclude-source-info", "-o", join(gen, "contract.binpb"));

  // The OpenAPI document quotes the comments, which the image that the server loads leaves out.
  const scratch = mkdtempSync(join(tmpdir(), "gatewright-contract-"));
  try {
    const image = join(scratch, "commented.binpb");
    buf("build", "-o", image);
    const { openapi } = await import("../gateway/openapi.ts");
    const document = openapi(readFileSync(image));
    writeFileSync(join(gen, "openapi.json"), `${JSON.stringify(document, null, 2)}\n`);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (import.meta.main) {
  writeFileSync(join(root, rulesPath), validateProto());
  await generate(root);
}
