// Packs every package as npm would publish it, looks at the tarballs with publint and attw, installs them into an empty
// folder, and runs programs against what was installed: as the first user of a release would.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "./build.mjs";
import { installOtherNodes, otherNode } from "./other-nodes.mjs";
import { installRuntimes, runtimeSteps } from "./runtimes.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

const programs = join(root, "tests", "consumers");

/**
 * @param {(text: string) => void} [say]
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function testPackedPackages(say = (text) => void process.stdout.write(text)) {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-packed-"));
  try {
    const steps = await packAndInstall(folder);
    let failed = 0;
    // Nothing goes to the spool of whoever runs this, and nothing comes from it.
    const env = { CMDRDATA_SPOOL_DIR: join(folder, "spool") };
    for (const { name, command, args } of steps) {
      const { code, output } = await run(command, args, { cwd: folder, env, quiet: true });
      say(`${code === 0 ? "ok    " : "FAILED"} ${name}\n`);
      if (code !== 0) say(`${output}\n`);
      failed += code === 0 ? 0 : 1;
    }
    return { passed: steps.length - failed, failed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} folder an empty one */
async function packAndInstall(folder) {
  await must("npm", ["pack", "--workspaces", "--pack-destination", folder, "--loglevel=error"], root);
  const tarballs = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  const sdk = tarballs.find((file) => file.startsWith("cmdrdata-openai-")) ?? "";
  cpSync(programs, folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const own = tarballs.filter((file) => !file.startsWith("cmdrdata-testkit-"));
  manifest.dependencies = {
    ...manifest.dependencies,
    ...Object.fromEntries(own.map((file) => [nameOf(file), `file:${file}`])),
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  await must("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
  const nodes = [
    ["Node 20", otherNode(20)],
    ["Node 22", otherNode(22)],
    ["the pinned Node", pinnedNode()],
  ];
  return [
    { name: "publint", command: "publint", args: [join(folder, sdk), "--strict"] },
    { name: "attw", command: "attw", args: [join(folder, sdk)] },
    { name: "types of an ESM and a CommonJS program", command: "tsc", args: ["-p", "tsconfig.json"] },
    { name: "types without those of Node", command: "tsc", args: ["-p", "tsconfig-edge.json"] },
    ...nodes.flatMap(([name, node]) =>
      node === undefined
        ? []
        : ["program.mjs", "program.cjs"].map((file) => ({
            name: `${file} on ${name}`,
            command: node,
            args: [file],
          })),
    ),
    ...runtimeSteps(folder),
    { name: "the collector's command, installed", command: pinnedNode(), args: ["collector.mjs"] },
  ];
}

/** cmdrdata-openai-0.1.0.tgz is cmdrdata-openai, cmdrdata-tracker-0.1.0.tgz is @cmdrdata/tracker. @param {string} tarball */
function nameOf(tarball) {
  const name = tarball.replace(/-\d+\.\d+\.\d+.*$/, "");
  return name === "cmdrdata" || name === "cmdrdata-openai" ? name : name.replace("cmdrdata-", "@cmdrdata/");
}

/** @param {string} command @param {readonly string[]} args @param {string} cwd */
async function must(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd, quiet: true });
  if (code !== 0) throw new Error(`${command} ${args[0]} failed:\n${output}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await build();
  await installOtherNodes();
  await installRuntimes();
  const { passed, failed } = await testPackedPackages();
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}
