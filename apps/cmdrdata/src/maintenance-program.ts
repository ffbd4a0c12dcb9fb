/** The commands for the ledger's file: their flags and their help. */
import type { Command } from "commander";

import {
  backupCommand,
  doctorCommand,
  type MaintenanceFlags,
  restoreCommand,
  vacuumCommand,
} from "./maintenance-commands.ts";
import type { ProgramIo } from "./program.ts";

/** @param onExit - told the exit code where it is not 0 */
export function addMaintenance(program: Command, io: ProgramIo, onExit: (code: number) => void): void {
  const add = (name: string, description: string): Command =>
    program.command(name).description(description).option("--data <folder>", "folder of the ledger (CMDRDATA_DATA)");
  add("backup", "copy the ledger, also while a collector has it open")
    .requiredOption("--to <file>", "the copy: a file that does not exist yet")
    .action(async (flags: MaintenanceFlags) => io.out.write(await backupCommand(flags, io.env)));
  add("restore", "put a backup in the place of the ledger, which is kept beside it; no collector may run")
    .requiredOption("--from <file>", "the backup")
    .action(async (flags: MaintenanceFlags) => io.out.write(await restoreCommand(flags, io.env)));
  add("vacuum", "give back the room of what was dropped and erased; no collector may run").action(
    async (flags: MaintenanceFlags) => io.out.write(await vacuumCommand(flags, io.env)),
  );
  add("doctor", "look whether the ledger is sound and its sums are right; changes nothing").action(
    async (flags: MaintenanceFlags) => {
      const { text, ok } = await doctorCommand(flags, io.env);
      io.out.write(text);
      if (!ok) onExit(1);
    },
  );
}
