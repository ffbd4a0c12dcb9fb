// `npm run bench:collector`: builds, and runs bench/collector on the pinned Node with what is given.
import { join } from "node:path";

import { build } from "./build.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

await build();
const { code } = await run(pinnedNode(), [join(root, "bench", "collector", "run.mjs"), ...process.argv.slice(2)]);
process.exitCode = code;
