/** Where programs of this user keep what must outlive them, by the custom of the system. */

/**
 * @param env - `HOME` and the like are taken from here only: who gives none gets no folder
 * @param platform - as Node names it
 */
export function defaultSpoolDir(
  env: Readonly<Record<string, string | undefined>>,
  platform: string | undefined = globalThis.process?.platform,
): string | undefined {
  if (platform === "win32") return below(env["LOCALAPPDATA"], "\\cmdrdata\\spool");
  if (platform === "darwin") return below(env["HOME"], "/Library/Application Support/cmdrdata/spool");
  const state = env["XDG_STATE_HOME"];
  // The specification (XDG base directory, 0.8) has relative paths ignored.
  return below(state?.startsWith("/") === true ? state : below(env["HOME"], "/.local/state"), "/cmdrdata/spool");
}

function below(folder: string | undefined, path: string): string | undefined {
  return folder === undefined || folder === "" ? undefined : `${folder}${path}`;
}
