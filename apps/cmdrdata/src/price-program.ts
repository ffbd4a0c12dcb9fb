/** The flags and help of `cmdrdata prices`. */
import type { Command } from "commander";

import { asked, printTo } from "./key-program.ts";
import { approvePrices, diffPrices, importPrices, listPrices, type PriceFlags, rerate } from "./price-commands.ts";
import type { ProgramIo } from "./program.ts";

export function addPriceCommands(program: Command, io: ProgramIo): void {
  const print = printTo(io);
  const prices = program.command("prices").description("list, compare, approve and import prices; price the past anew");
  const format = "table or json (default: table)";
  asked(prices.command("list").description("list the prices in force"))
    .option("--model <text>", "only models with this in their name")
    .option("--format <format>", format)
    .action((flags: PriceFlags) => print(listPrices(flags, io)));
  asked(
    prices.command("diff").description("what this version's list has otherwise, and what waits for approval"),
    false,
  )
    .option("--format <format>", format)
    .action((flags: PriceFlags) => print(diffPrices(flags, io)));
  asked(prices.command("approve [ids...]").description("take over changes that wait"), false)
    .option("--all", "all that wait")
    .action((ids: string[], flags: PriceFlags) => print(approvePrices(ids, flags, io)));
  asked(prices.command("import <file>").description("put prices of your own into the book"), false).action(
    (file: string, flags: PriceFlags) => print(importPrices(file, flags, io)),
  );
  asked(prices.command("rerate").description("price events anew: shows what would change, and does it with --yes"))
    .option("--from <time>", "start of the calls, ISO 8601")
    .option("--to <time>", "end of the calls, ISO 8601")
    .option("--only-unpriced", "only what has no price")
    .option("--reason <text>", "why, for the record")
    .option("--yes", "do it")
    .option("--format <format>", format)
    .action((flags: PriceFlags) => print(rerate(flags, io)));
}
