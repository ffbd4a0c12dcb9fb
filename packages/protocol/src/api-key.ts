/** The form of a cmdrdata API key. Made ones are `tk-` and 32 random bytes in base64url. */

const keyForm = /^tk-[A-Za-z0-9_-]{20,200}$/;

/** Words for messages about a key of another form. */
export const apiKeyForm = 'a key like "tk-…": tk- and 20 to 200 letters, digits, "_" or "-"';

/** Whether a text has the form of a key; says nothing about whether a collector knows it. */
export function isApiKey(value: unknown): boolean {
  return typeof value === "string" && keyForm.test(value);
}
