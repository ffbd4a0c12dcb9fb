// Loaded before a collector (`--import`), in each of its threads: the wall clock is off by as many milliseconds as the file
// of CMDRDATA_CHAOS_CLOCK says at that moment. Timers and durations go on as they did, as when an operator sets the clock.
import { readFileSync } from "node:fs";

const file = process.env["CMDRDATA_CHAOS_CLOCK"] ?? "";
const realNow = Date.now;
const movedNow = () => realNow() + Number(readFileSync(file, "utf8"));

globalThis.Date = new Proxy(Date, {
  construct: (target, parts, as) => Reflect.construct(target, parts.length === 0 ? [movedNow()] : parts, as),
  get: (target, name) => (name === "now" ? movedNow : Reflect.get(target, name)),
});
