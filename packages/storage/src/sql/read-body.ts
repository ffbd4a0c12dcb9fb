/** A body as it was received. */
import type { ReceivedBody } from "../store.ts";
import type { Sql } from "./sql.ts";

export async function readBody(
  sql: Sql,
  { tenant, bodyId }: { readonly tenant: string; readonly bodyId: number },
): Promise<ReceivedBody | undefined> {
  const query = "SELECT encoding, body FROM request_bodies WHERE tenant = $1 AND body_id = $2";
  const [row] = await sql.all(query, [tenant, bodyId]);
  if (row === undefined) return undefined;
  return { encoding: String(row["encoding"]) as ReceivedBody["encoding"], bytes: row["body"] as Uint8Array };
}
