/**
 * Puts a `body` of our own on a response, which nobody sees who lists its properties. Each look at it takes the response's
 * own as it is at that moment: `clone()` puts another stream in its place.
 */

/** What a response has for a body; that of node-fetch is a stream of Node's. */
export type ResponseBody = Response["body"];

/** @param look - is given the response's own body each time the program looks at it, and gives what the program is to see */
export function defineBody(response: Response, look: (body: ResponseBody) => ResponseBody): void {
  const own = Object.getOwnPropertyDescriptor(response, "body");
  const behind = own === undefined ? (Object.getPrototypeOf(response) as object) : Object.create(null, { body: own });
  const get = (): ResponseBody => look(Reflect.get(behind, "body", response) as ResponseBody);
  Object.defineProperty(response, "body", { get, enumerable: false, configurable: true });
}
