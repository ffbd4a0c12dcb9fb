export { anEvent } from "./an-event.ts";
export { fakeClock } from "./fake-clock.ts";
export { countingProxy, hostileCustomers, hostileMetadata, sideEffects } from "./hostile-values.ts";
export { createDatabaseOn, dropDatabaseOn, startPostgres } from "./postgres/start-postgres.ts";
export { scriptedCollector } from "./scripted-collector.ts";
export { seededRandom } from "./seeded-random.ts";
export { selfSigned, testAuthority } from "./self-signed.ts";

export type { FakeClock } from "./fake-clock.ts";
export type { HostileCustomer, HostileMetadata } from "./hostile-values.ts";
export type { PostgresServer, PostgresWishes } from "./postgres/start-postgres.ts";
export type { RecordedRequest, ScriptedAnswer, ScriptedCollector } from "./scripted-collector.ts";
export type { CertificateWishes, SelfSigned, TestAuthority } from "./self-signed.ts";
