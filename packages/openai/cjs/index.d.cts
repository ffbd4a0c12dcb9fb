// oxlint-disable no-restricted-imports -- the face of what is built
export * from "../dist/cjs/index.js";
export { default } from "../dist/cjs/index.js";
