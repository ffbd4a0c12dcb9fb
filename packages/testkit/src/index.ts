export { anEvent } from "./an-event.ts";
export { fakeClock } from "./fake-clock.ts";
export { scriptedCollector } from "./scripted-collector.ts";
export { seededRandom } from "./seeded-random.ts";
export { selfSigned } from "./self-signed.ts";

export type { FakeClock } from "./fake-clock.ts";
export type { RecordedRequest, ScriptedAnswer, ScriptedCollector } from "./scripted-collector.ts";
export type { SelfSigned } from "./self-signed.ts";
