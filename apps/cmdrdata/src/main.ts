/** The command line of cmdrdata: reads arguments and environment, runs one command, returns its exit code. */
import { CmdrdataError } from "@cmdrdata/protocol";
import { Command, CommanderError } from "commander";
import { pino } from "pino";

import { serve } from "./serve.ts";
import { resolveServeOptions, serveOptionTable } from "./serve-options.ts";
import { usageCommand, type UsageFlags } from "./usage-command.ts";
import { version } from "./version.ts";

/**
 * @param args - without the node binary and the script
 * @returns the exit code: 0, or 1 after one line on stderr that says what is wrong and what to do
 */
export async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command("cmdrdata")
    .description("Who spent what on which model: the self-hosted collector for usage events.")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError();
  addServe(program, (exitCode) => (code = exitCode));
  addUsage(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return report(error);
  }
}

function addServe(program: Command, onExit: (code: number) => void): void {
  const command = program.command("serve").description("run the collector");
  for (const row of Object.values(serveOptionTable)) {
    command.option(row.flag, `${row.text} (${row.env}; default ${row.default})`);
  }
  command.action(async (flags: Record<string, string | undefined>) => {
    const config = resolveServeOptions(flags, process.env);
    const logger = pino({
      level: config.logLevel,
      base: { service: "cmdrdata", version },
      redact: ["req.headers.authorization", "*.authorization"],
    });
    const terminal = process.stderr.isTTY ? (text: string): void => void process.stderr.write(text) : undefined;
    onExit(await serve(config, { logger, showKey: terminal, stop: nextSignal() }));
  });
}

function addUsage(program: Command): void {
  program
    .command("usage")
    .description("print usage and cost per customer and model, asked of a running collector")
    .option("--url <url>", "the collector (CMDRDATA_URL; default http://127.0.0.1:8787)")
    .option("--data <folder>", "data folder whose first-key to use when CMDRDATA_API_KEY is not set")
    .option("--from <time>", "start, ISO 8601 (default: 30 days ago)")
    .option("--to <time>", "end, ISO 8601 (default: now)")
    .option(
      "--group-by <names>",
      "customer_id, model, operation, provider, service_tier, error_type (default: customer_id,model)",
    )
    .option("--interval <length>", "15m, hour, day, week or month")
    .option("--tz <zone>", "IANA time zone of the intervals (default: UTC)")
    .option("--format <format>", "table, json or csv (default: table)")
    .action(async (flags: UsageFlags) => {
      process.stdout.write(await usageCommand(flags, { env: process.env, fetch }));
    });
}

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once, as without us. */
function nextSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  return promise;
}

function report(error: unknown): number {
  // Commander has said it already, on the right stream.
  if (error instanceof CommanderError) return error.exitCode;
  const text = CmdrdataError.is(error)
    ? `${error.message} (${error.code})`
    : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`cmdrdata: ${text}\n`);
  return 1;
}
