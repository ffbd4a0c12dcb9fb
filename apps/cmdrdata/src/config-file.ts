/** The file of `--config`: a JSON object with options by name. What is wrong is added to the problems of all options. */
import { readFileSync } from "node:fs";

type Options = Readonly<Record<string, string | undefined>>;

/**
 * @param path - none: no options
 * @param names - that there are; a file does not name another file
 */
export function readConfigFile(path: string | undefined, names: readonly string[], problems: string[]): Options {
  if (path === undefined || path === "") return {};
  const given = readObject(path, problems);
  const options: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === "config" || !names.includes(name)) {
      const known = names.filter((each) => each !== "config").join(", ");
      problems.push(`${path}: expected options of ${known}, got ${JSON.stringify(name.slice(0, 80))}`);
    } else if (typeof value !== "string" && typeof value !== "number") {
      problems.push(`${path}: ${name}: expected a text or a number, got ${value === null ? "null" : typeof value}`);
    } else options[name] = String(value);
  }
  return options;
}

function readObject(path: string, problems: string[]): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    problems.push(`--config: expected a JSON object in ${path}, got something else`);
  } catch (cause) {
    // What the parser says quotes the text, in which a password may be.
    const reason = (cause as NodeJS.ErrnoException).code ?? "it is no JSON";
    problems.push(`--config: cannot read ${path} (${reason})`);
  }
  return {};
}
