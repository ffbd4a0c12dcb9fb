// `npm run chaos`, `npm run chaos:collector`: builds, and runs a part of the chaos suite at length on the pinned Node. The first
// argument is a file of tests/chaos, where the options stand.
import { join } from "node:path";

import { build } from "./build.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

const [program = "run.ts", ...options] = process.argv.slice(2);
await build();
const { code } = await run(pinnedNode(), [join(root, "tests", "chaos", program), ...options]);
process.exitCode = code;
