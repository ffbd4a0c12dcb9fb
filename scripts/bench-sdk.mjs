// `npm run bench:sdk`, `npm run bench:soak`: builds, installs the peers into bench/sdk, and runs the program there that is
// named first on the pinned Node, with what else is given.
import { join } from "node:path";

import { build } from "./build.mjs";
import { install } from "./install.mjs";
import { installOtherNodes } from "./other-nodes.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

const folder = join(root, "bench", "sdk");
await build();
await installOtherNodes();
await install(folder, "Installing the other wrappers");
const { code } = await run(pinnedNode(), process.argv.slice(2), { cwd: folder });
process.exitCode = code;
