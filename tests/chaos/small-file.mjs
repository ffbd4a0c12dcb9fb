// Loaded before a collector (`--import`), in each of its threads: its ledger's file may have no more pages than the file of
// CMDRDATA_CHAOS_PAGES says when a transaction begins. SQLite takes a number below what is there for what is there.
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const file = process.env["CMDRDATA_CHAOS_PAGES"] ?? "";
const { exec } = DatabaseSync.prototype;

DatabaseSync.prototype.exec = function execWithin(text) {
  if (text === "BEGIN IMMEDIATE") exec.call(this, `PRAGMA max_page_count = ${readFileSync(file, "utf8")}`);
  return exec.call(this, text);
};
