/** The commands of cmdrdata: their flags, their help, and how they end. The process itself is handed in. */
import { CmdrdataError } from "@cmdrdata/protocol";
import { Command, CommanderError } from "commander";
import { type DestinationStream, pino } from "pino";

import { distributeCommand, type DistributeFlags } from "./distribute-command.ts";
import type { ClientFlags, Fetch } from "./client/collector-client.ts";
import { exportCommand, type ExportFlags } from "./export-command.ts";
import { eraseCustomer, listCustomers, listEvents, type ListFlags, showEvent } from "./ledger-commands.ts";
import { serve } from "./serve.ts";
import { resolveServeOptions, serveOptionTable } from "./serve-options.ts";
import { addKeyCommands } from "./key-program.ts";
import { addMaintenance } from "./maintenance-program.ts";
import { addPriceCommands } from "./price-program.ts";
import { usageCommand, type UsageFlags } from "./usage-command.ts";
import { version } from "./version.ts";

/** What a command needs of the process it runs in. */
export interface ProgramIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: Fetch;
  /** Standard output: reports, and the log. */
  readonly out: DestinationStream;
  /** Standard error: what went wrong, help on a wrong call. */
  readonly err: DestinationStream;
  /** Whether a person reads standard error. */
  readonly terminal: boolean;
  /** Resolves with the signal that asks the process to end; called by a command that runs until then. */
  readonly nextSignal: () => Promise<string>;
  /** Calls back with each SIGHUP. */
  readonly onHangUp?: (callback: () => void) => void;
}

/**
 * Runs one command.
 *
 * @param args - without the node binary and the script
 * @returns the exit code: 0, or 1 after one line on stderr that says what is wrong and what to do
 */
export async function runProgram(args: readonly string[], io: ProgramIo): Promise<number> {
  let code = 0;
  const program = new Command("cmdrdata")
    .description("Who spent what on which model: the self-hosted collector for usage events.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      outputError: (text, write) => write(`cmdrdata: ${asOneLine(text)} (CMDR_OPTIONS_INVALID)\n`),
    })
    .showSuggestionAfterError();
  addServe(program, io, (exitCode) => (code = exitCode));
  addUsage(program, io);
  addDistribute(program, io);
  addMaintenance(program, io, (exitCode) => (code = exitCode));
  addEvents(program, io);
  addCustomers(program, io);
  addExport(program, io);
  addKeyCommands(program, io);
  addPriceCommands(program, io);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode;
    io.err.write(`cmdrdata: ${describeFailure(error)}\n`);
    return 1;
  }
}

function addServe(program: Command, io: ProgramIo, onExit: (code: number) => void): void {
  const command = program.command("serve").description("run the collector");
  for (const row of Object.values(serveOptionTable)) {
    command.option(row.flag, `${row.text} (${row.env}; default ${row.default || "none"})`);
  }
  command.action(async (flags: Record<string, string | undefined>) => {
    const config = resolveServeOptions(flags, io.env);
    const logger = pino({ level: config.logLevel, base: { service: "cmdrdata", version } }, io.out);
    const showKey = io.terminal ? (text: string): void => io.err.write(text) : undefined;
    onExit(await serve(config, { logger, env: io.env, showKey, stop: io.nextSignal(), onHangUp: io.onHangUp }));
  });
}

function addUsage(program: Command, io: ProgramIo): void {
  const command = program
    .command("usage")
    .description("print usage and cost per customer and model, asked of a running collector");
  addFilters(addStretch(addPlace(command)))
    .option("--group-by <names>", "customer_id, model, operation, provider, service_tier, error_type, metadata.KEY")
    .option("--top <number>", "tell only the largest groups apart, and add up the rest")
    .option("--order <by>", "what makes a group large: cost or calls (default: cost)")
    .option("--interval <length>", "15m, hour, day, week or month")
    .option("--tz <zone>", "IANA time zone of the intervals (default: UTC)")
    .option("--format <format>", "table, json or csv (default: table)")
    .action(async (flags: UsageFlags) => {
      print(io, await usageCommand(flags, io));
    });
}

function addDistribute(program: Command, io: ProgramIo): void {
  program
    .command("distribute")
    .description("spread the ledger over the nodes of Citus, by tenant")
    .option("--database-url <url>", "PostgreSQL with the extension citus (DATABASE_URL)")
    .option("--dry-run", "only print the statements")
    .action(async (flags: DistributeFlags) => {
      io.out.write(await distributeCommand(flags, io.env));
    });
}

function addEvents(program: Command, io: ProgramIo): void {
  const events = program.command("events").description("single events of a running collector");
  addFilters(addPage(addStretch(addPlace(events.command("list").description("print events, the newest first")))))
    .option("--flag <code>", "only events with this flag, such as CMDR_EVENT_LATE")
    .action(async (flags: ListFlags) => print(io, await listEvents(flags, io)));
  addPlace(
    events.command("show").argument("<id>", "the event's id").description("print everything about one event"),
  ).action(async (id: string, flags: ClientFlags) => print(io, await showEvent(id, flags, io)));
}

function addCustomers(program: Command, io: ProgramIo): void {
  const customers = program.command("customers").description("customers of a running collector");
  addPage(addStretch(addPlace(customers.command("list").description("print customers with what they used")))).action(
    async (flags: ListFlags) => print(io, await listCustomers(flags, io)),
  );
  addPlace(customers.command("erase").argument("<id>", "the customer's id"))
    .description("erase a customer: its totals stay, under a tombstone; all else is gone")
    .option("--yes", "needed, as it cannot be undone")
    .action(async (id: string, flags: ClientFlags) => print(io, await eraseCustomer(id, flags, io)));
}

function addExport(program: Command, io: ProgramIo): void {
  const command = program.command("export").description("write events or sums of a running collector to a file");
  addFilters(addStretch(addPlace(command)))
    .option("--what <rows>", "events or usage (default: events)")
    .option("--format <format>", "csv, ndjson or parquet (default: csv)")
    .option("--output <file>", "where to write (default: standard output)")
    .option("--group-by <names>", "of usage: as in cmdrdata usage")
    .option("--interval <length>", "of usage: 15m, hour, day, week or month")
    .option("--tz <zone>", "of usage: IANA time zone of the intervals (default: UTC)")
    .action(async (flags: ExportFlags) => exportCommand(flags, io));
}

function addPlace(command: Command): Command {
  return command
    .option("--url <url>", "the collector (CMDRDATA_URL; default http://127.0.0.1:8787)")
    .option("--data <folder>", "data folder whose first-key to use when CMDRDATA_API_KEY is not set");
}

function addStretch(command: Command): Command {
  return command
    .option("--from <time>", "start, ISO 8601 (default: 30 days ago)")
    .option("--to <time>", "end, ISO 8601 (default: now)");
}

function addFilters(command: Command): Command {
  return command.option("--customer <id...>", "only these customers").option("--model <name...>", "only these models");
}

function addPage(command: Command): Command {
  return command
    .option("--limit <number>", "rows of a page, 1 to 1000 (default: 50)")
    .option("--after <cursor>", "the next page, as the one before says")
    .option("--json", "JSON instead of a table");
}

function print(io: ProgramIo, text: string): void {
  io.out.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Commander's `error: …`, with its suggestion on a second line. */
function asOneLine(text: string): string {
  return text
    .replace(/^error: /, "")
    .trim()
    .replaceAll("\n", " ");
}

function describeFailure(error: unknown): string {
  if (CmdrdataError.is(error)) return `${error.message} (${error.code})`;
  return error instanceof Error ? String(error.stack) : String(error);
}
