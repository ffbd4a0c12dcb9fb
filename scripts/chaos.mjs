// `npm run chaos`: builds, and runs the chaos suite at length on the pinned Node; its options stand in tests/chaos/run.ts.
import { join } from "node:path";

import { build } from "./build.mjs";
import { pinnedNode, root, run } from "./steps.mjs";

await build();
const { code } = await run(pinnedNode(), [join(root, "tests", "chaos", "run.ts"), ...process.argv.slice(2)]);
process.exitCode = code;
