// What each call of the chaos suite is, by its number: shared by the program, the fake OpenAI and the checks.

/** @typedef {"whole" | "streamed" | "refused"} Kind */

/** @param {number} call @returns {Kind} */
export function kindOf(call) {
  if (call % 5 === 3) return "streamed";
  return call % 5 === 4 ? "refused" : "whole";
}

/** @param {number} call */
export function customerOf(call) {
  return `call-${call}`;
}

/** What it uses, if it is not refused. @param {number} call */
export function tokensOf(call) {
  return { input: 10 + (call % 7), output: 1 + (call % 11) };
}
