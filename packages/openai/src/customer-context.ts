/**
 * The customer that a part of the program runs for.
 *
 * Follows asynchronous work (AsyncLocalStorage): concurrent requests of a server never see one another's customer. One
 * context per process, also where both the ESM and the CommonJS copy of this package are loaded. An id given with a
 * call wins over it; it wins over the client's default. Ids are checked when a call is recorded, never here: a bad one
 * makes the call unattributed, with the reason, and breaks nothing. Where the runtime follows no asynchronous work, a
 * context holds until the first `await` in it, and cannot be set: `async-storage.ts`.
 */
import { type AsyncStorage, createAsyncStorage } from "./async-storage.ts";
import { type CustomerScope, openAIState } from "./process-state.ts";

/** Runs `work`, and all asynchronous work it starts, for a customer. @returns what `work` returns */
export function customerContext<Result>(customerId: string, work: () => Result): Result {
  return scopes().run({ customerId }, work);
}

/**
 * From here on the current asynchronous context, and what it starts, runs for a customer.
 *
 * Before Node 24 the runtime follows contexts only from their first use on: what is under way at that moment has none of
 * its own, and could get this customer. There, a program calls {@link clearCustomerContext} once where it starts;
 * {@link customerContext} needs nothing of the kind. (Following costs each promise of the process something, before Node
 * 24: docs/attribution.md has numbers.)
 */
export function setCustomerContext(customerId: string): void {
  scopes().enterWith({ customerId });
}

/** @returns the customer of the current asynchronous context, `undefined` if there is none */
export function getCustomerContext(): string | undefined {
  return openAIState().customerScopes?.getStore()?.customerId;
}

/** From here on the current asynchronous context runs for nobody. */
export function clearCustomerContext(): void {
  scopes().enterWith({ customerId: undefined });
}

function scopes(): AsyncStorage<CustomerScope> {
  return (openAIState().customerScopes ??= createAsyncStorage());
}
