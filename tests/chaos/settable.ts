/** A value that another process reads while this one changes it. */
import { renameSync, writeFileSync } from "node:fs";

/** @returns sets it; whoever reads the file sees the value of before or the new one, whole */
export function settable(file: string): (value: number) => void {
  return (value) => {
    writeFileSync(`${file}.next`, String(value));
    renameSync(`${file}.next`, file);
  };
}
