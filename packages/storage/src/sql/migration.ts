/** The steps of a schema, the same idea on both engines. */
import { CmdrdataError } from "@cmdrdata/protocol";

/** One step; `sql` may be several statements. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** @throws CmdrdataError `CMDR_SCHEMA_TOO_NEW` */
export function refuseNewer(version: number, steps: readonly Migration[]): void {
  const known = lastVersion(steps);
  if (version <= known) return;
  const message = `expected schema version ${known} or older, found ${version}: the data was written by a newer release`;
  throw new CmdrdataError("CMDR_SCHEMA_TOO_NEW", message);
}

/** @throws CmdrdataError `CMDR_SCHEMA_TOO_NEW`, or `CMDR_NOT_READY` when the schema is not migrated yet */
export function refuseOther(version: number, steps: readonly Migration[]): void {
  const known = lastVersion(steps);
  refuseNewer(version, steps);
  if (version === known) return;
  const message = `expected schema version ${known}, found ${version}: it is not migrated yet`;
  throw new CmdrdataError("CMDR_NOT_READY", message, { retryable: true });
}

function lastVersion(steps: readonly Migration[]): number {
  // There is always a first one.
  return (steps.at(-1) as Migration).version;
}
