"use strict";
/**
 * What `require("cmdrdata-openai")` gives: like `require("openai")`, a function that makes a client (`new` or not),
 * with every export on it. The names are written out for tools that read exports without running the file; which of
 * them the installed SDK has, and what it has beside them, is seen below.
 */
const face = require("../dist/cjs/index.js");

exports.default = face.default;
exports.OpenAI = face.OpenAI;
exports.TrackedAzureOpenAI = face.TrackedAzureOpenAI;
exports.TrackedOpenAI = face.TrackedOpenAI;
exports.clearCustomerContext = face.clearCustomerContext;
exports.customerContext = face.customerContext;
exports.getCustomerContext = face.getCustomerContext;
exports.setCustomerContext = face.setCustomerContext;
exports.track = face.track;
exports.trackRealtime = face.trackRealtime;
exports.trackedFetch = face.trackedFetch;
exports.tracking = face.tracking;
exports.APIConnectionError = face.APIConnectionError;
exports.APIConnectionTimeoutError = face.APIConnectionTimeoutError;
exports.APIError = face.APIError;
exports.APIPromise = face.APIPromise;
exports.APIUserAbortError = face.APIUserAbortError;
exports.AuthenticationError = face.AuthenticationError;
exports.AzureOpenAI = face.AzureOpenAI;
exports.BadRequestError = face.BadRequestError;
exports.ConflictError = face.ConflictError;
exports.InternalServerError = face.InternalServerError;
exports.InvalidWebhookSignatureError = face.InvalidWebhookSignatureError;
exports.NotFoundError = face.NotFoundError;
exports.OpenAIError = face.OpenAIError;
exports.PagePromise = face.PagePromise;
exports.PermissionDeniedError = face.PermissionDeniedError;
exports.RateLimitError = face.RateLimitError;
exports.UnprocessableEntityError = face.UnprocessableEntityError;
exports.toFile = face.toFile;

for (const name of Object.keys(exports)) {
  if (!(name in face)) delete exports[name];
}
for (const name of Object.keys(face)) {
  if (!Object.hasOwn(exports, name)) exports[name] = face[name];
}

// The module is what openai's own is: with openai 4 the class itself, with 5 and 6 a function that makes a client, with 7
// such a function that a program may also extend, and ask `instanceof` of.
const sdk = require("openai");
const isClass = sdk === sdk.OpenAI;
const isLikeClass = sdk.prototype === sdk.OpenAI.prototype;
const makeClient = isClass
  ? face.default
  : function (...args) {
      return Reflect.construct(face.default, args, (isLikeClass && new.target) || face.default);
    };
Object.defineProperties(makeClient, Object.getOwnPropertyDescriptors(exports));
if (!isClass) Object.defineProperty(makeClient, "__esModule", { value: true });
if (!isClass && isLikeClass) {
  Object.setPrototypeOf(makeClient, face.default);
  makeClient.prototype = face.default.prototype;
}
// Not by an assignment: tools read `module.exports =` as "export =", with which TypeScript would know no named types. Both
// ways work here: the module itself is newable, and so is its `default`.
Reflect.set(module, "exports", makeClient);
