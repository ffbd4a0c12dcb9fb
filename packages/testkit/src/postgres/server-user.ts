/** Who the server runs as: PostgreSQL refuses root. */
import { readFileSync } from "node:fs";

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** @returns `undefined` where it is whoever runs the tests */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const found = ["postgres", "nobody"].map((name) => users.find(([each]) => each === name)).find(Boolean);
  if (found === undefined) throw new Error("expected a user postgres or nobody in /etc/passwd, to run PostgreSQL as");
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
