// `npm run test:matrix`: the differential suite on every major of openai and every Node it is for. `-- 4 7` runs only these
// majors. The last lines are a table of how each ended, and how many tests passed and failed.
import { build } from "./build.mjs";
import { checkTypes, openAIMajors, testOpenAI, workspaceMajor } from "./openai-versions.mjs";
import { installOtherNodes } from "./other-nodes.mjs";

const only = process.argv.slice(2).map(Number);
const majors = openAIMajors.filter(({ major }) => only.length === 0 || only.includes(major));

await build();
await installOtherNodes();
const rows = [];
for (const { major, version, nodes } of majors) {
  for (const node of nodes) {
    process.stdout.write(`\n== openai ${version}, Node ${node}\n`);
    rows.push({ name: `openai ${version}, Node ${node}`, ...(await testOpenAI(major, node)) });
  }
  // The workspace's are compiled with the packed packages, by `npm test`.
  if (major !== workspaceMajor) rows.push({ name: `types of openai ${version}`, ...(await checkTypes(major)) });
}
process.stdout.write("\n");
for (const { name, passed, failed } of rows) {
  process.stdout.write(`${failed === 0 ? "ok    " : "FAILED"} ${name}: ${passed} passed, ${failed} failed\n`);
}
const sum = (/** @type {"passed" | "failed"} */ name) => rows.reduce((all, row) => all + row[name], 0);
process.stdout.write(`\n${sum("passed")} passed, ${sum("failed")} failed\n`);
process.exitCode = sum("failed") === 0 && sum("passed") > 0 ? 0 : 1;
