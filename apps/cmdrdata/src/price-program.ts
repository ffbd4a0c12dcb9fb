/** The flags and help of `cmdrdata prices`. */
import type { Command } from "commander";

import { asked, printTo } from "./key-program.ts";
import { approvePrices, diffPrices, importPrices, listPrices, type PriceFlags, rerate } from "./price-commands.ts";
import type { ProgramIo } from "./program.ts";
import { addTerm, listTerms, listUnpriced, removeTerm, type TermFlags } from "./term-commands.ts";

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
  asked(prices.command("unpriced").description("list calls without a price, of the key's own tenant"), false)
    .option("--from <time>", "start of the calls, ISO 8601 (default: 30 days ago)")
    .option("--to <time>", "end of the calls, ISO 8601 (default: now)")
    .option("--format <format>", format)
    .action((flags: TermFlags) => print(listUnpriced(flags, io)));
  addTermCommands(prices, io);
}

function addTermCommands(prices: Command, io: ProgramIo): void {
  const print = printTo(io);
  const terms = prices.command("terms").description("a tenant's own prices and mark-ups");
  asked(terms.command("list").description("list them, also those that were removed"))
    .option("--format <format>", "table or json (default: table)")
    .action((flags: TermFlags) => print(listTerms(flags, io)));
  asked(terms.command("add <model>").description("add a price (--unit, --usd) or a mark-up (--factor); * is any text"))
    .option("--provider <name>", "whose model it is (default: openai)")
    .option("--unit <name>", "what the price is for, such as input_tokens")
    .option("--usd <price>", "in dollars, exact")
    .option("--per <number>", "for so many of the unit (default: 1)")
    .option("--tier <name>", "service tier that the price is for (default: default)")
    .option("--factor <fraction>", "what costs are multiplied by, such as 11/10")
    .option("--effective-from <time>", "start, ISO 8601 (default: always)")
    .option("--effective-to <time>", "end, ISO 8601 (default: never)")
    .action((model: string, flags: TermFlags) => print(addTerm(model, flags, io)));
  asked(terms.command("remove <id>").description("end a term")).action((id: string, flags: TermFlags) =>
    print(removeTerm(id, flags, io)),
  );
}
