// `npm run api:client`: writes docs/openapi.json from the collector's routes, and from that the types of the client in
// apps/cmdrdata. Run it after a route has changed; a test compares both with the code.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { install } from "./install.mjs";
import { mustRun, root } from "./steps.mjs";

const document = join(root, "docs", "openapi.json");
const types = join(root, "apps", "cmdrdata", "src", "client", "api.generated.ts");
const tool = join(root, "scripts", "openapi-types");

// Not the app: it does not compile before its types have what is new.
await mustRun("Building the collector", "tsc", ["-b", "packages/collector"]);
const { openApiDocument } = await import("../packages/collector/dist/esm/index.js");
writeFileSync(document, `${JSON.stringify(await openApiDocument(), null, 2)}\n`);
await mustRun("Formatting docs/openapi.json", "oxfmt", [document]);
await install(tool, "Installing openapi-typescript");
const bin = join(tool, "node_modules", "openapi-typescript", "bin", "cli.js");
await mustRun("Writing the client's types", "node", [bin, document, "--output", types, "--export-type"]);
const hash = createHash("sha256")
  .update(JSON.stringify(JSON.parse(readFileSync(document, "utf8"))))
  .digest("hex");
writeFileSync(types, `// From docs/openapi.json, SHA-256 ${hash}: npm run api:client.\n${readFileSync(types, "utf8")}`);
