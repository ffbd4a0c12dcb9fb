/** The address of a database, and what of it may be shown: never its password, nor the user's name. */

export const connectionStringForm = "postgres://user:password@host:port/database";

/** Whether a text has the form of a PostgreSQL connection URL. */
export function isConnectionString(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);
}

/** @returns `host:port/database`, for messages and logs */
export function describeDatabase(connectionString: string): string {
  const { hostname, port, pathname, searchParams } = new URL(connectionString);
  const host = hostname || (searchParams.get("host") ?? "localhost");
  return `${host}${port === "" ? "" : `:${port}`}${pathname}`;
}
