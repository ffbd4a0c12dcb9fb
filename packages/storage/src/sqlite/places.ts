/** @returns `?, ?, …`: a placeholder for each column */
export function placesFor(columns: readonly unknown[]): string {
  return columns.map(() => "?").join(", ");
}
