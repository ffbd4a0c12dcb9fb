/** The flags and help of `cmdrdata keys` and `cmdrdata tenants`. */
import type { Command } from "commander";

import {
  createKey,
  createTenant,
  type KeyFlags,
  listKeys,
  listTenants,
  type Printed,
  revokeKey,
  rotateKey,
} from "./key-commands.ts";
import { offlineOr } from "./offline.ts";
import type { ProgramIo } from "./program.ts";

export function addKeyCommands(program: Command, io: ProgramIo): void {
  const print = printTo(io);
  const at = ({ dataDir }: KeyFlags): ProgramIo => offlineOr(dataDir, io);
  const keys = program
    .command("keys")
    .description("make, list, rotate and revoke keys of a running collector, or of a ledger itself");
  offline(keys.command("create").description("make a key and print it, this once"))
    .option("--scopes <names>", "of ingest, read, admin, with commas between them (default: ingest)")
    .option("--name <text>", "what the key is for")
    .option("--requests-per-minute <number>", "a quota (default: none)")
    .option("--events-per-minute <number>", "a quota (default: none)")
    .action((flags: KeyFlags) => print(createKey(flags, at(flags))));
  offline(keys.command("list").description("list keys, without the keys themselves"))
    .option("--format <format>", "table or json (default: table)")
    .action((flags: KeyFlags) => print(listKeys(flags, at(flags))));
  offline(keys.command("rotate <id>").description("make a key like another, which ends a while later"))
    .option("--keep-old <seconds>", "how long the old key is valid still (default: 86400, a day)")
    .action((id: string, flags: KeyFlags) => print(rotateKey(id, flags, at(flags))));
  offline(keys.command("revoke <id>").description("end a key at once")).action((id: string, flags: KeyFlags) =>
    print(revokeKey(id, flags, at(flags))),
  );
  const tenants = program
    .command("tenants")
    .description("make and list tenants of a running collector, or of a ledger itself");
  offline(tenants.command("create <tenant>").description("make a tenant"), false).action(
    (tenant: string, flags: KeyFlags) => print(createTenant(tenant, flags, at(flags))),
  );
  offline(tenants.command("list").description("list tenants"), false)
    .option("--format <format>", "table or json (default: table)")
    .action((flags: KeyFlags) => print(listTenants(flags, at(flags))));
}

/** Prints what a command has to say, when it is done. */
export function printTo(io: Pick<ProgramIo, "out" | "err">): (printed: Promise<Printed>) => Promise<void> {
  return async (printed) => {
    const { out, err = "" } = await printed;
    if (err !== "") io.err.write(err);
    io.out.write(out);
  };
}

/** Which collector is asked, with which key, and of which tenant. */
export function asked(command: Command, ofTenant = true): Command {
  command
    .option("--url <url>", "the collector (CMDRDATA_URL; default http://127.0.0.1:8787)")
    .option("--data <folder>", "data folder whose first-key to use when CMDRDATA_API_KEY is not set");
  return ofTenant ? command.option("--tenant <tenant>", "another tenant than the key's own") : command;
}

/** As {@link asked}, or without a collector. */
function offline(command: Command, ofTenant = true): Command {
  const text = "no collector runs: open the ledger in this folder, or that of DATABASE_URL";
  return asked(command, ofTenant).option("--data-dir <folder>", text);
}
