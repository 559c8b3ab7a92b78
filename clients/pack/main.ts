// The command `pack`: the package of the clients, as others install it.
import { join, relative } from "node:path";
import { pack } from "./package.ts";

const root = join(import.meta.dirname, "../..");
const [folder = join(root, "dist")] = process.argv.slice(2);
const { tarball, files, size } = pack(root, folder);
console.log(
  `${relative(process.cwd(), tarball)}: ${files.length} files, ${Math.ceil(size / 1024)} KiB`,
);
