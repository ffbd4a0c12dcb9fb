/** The tenant of the first key. */
export const tenant = "default";
export const key = `tk-${"b".repeat(30)}`;
