/**
 * Runs what is the tracker's own out of the program's traces: where OpenTelemetry is set up, its HTTP instrumentation would
 * make spans of our requests, below whichever span of the program happened to be active when the tracker's timer was set.
 *
 * The names are the contract between copies of `@opentelemetry/api` 1.x and of its SDK in one process; no package is loaded.
 */

interface Context {
  setValue(key: symbol, value: unknown): Context;
}

interface ContextManager {
  active(): Context;
  with<Result>(context: Context, run: () => Result): Result;
}

const registered: unique symbol = Symbol.for("opentelemetry.js.api.1") as never;
const suppressTracing = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** Calls `run` once, and gives what it gives, whatever a context manager itself throws or gives. */
export function untraced<Result>(run: () => Result): Result {
  const { [registered]: api } = globalThis as { [registered]?: { readonly context?: ContextManager } | null };
  let outcome: (() => Result) | undefined;
  try {
    const manager = api?.context;
    manager?.with(manager.active().setValue(suppressTracing, true), () => {
      outcome ??= outcomeOf(run);
    });
  } catch {
    // Of a manager that could not even begin, or that failed afterwards.
  }
  return (outcome ?? run)();
}

/** Calls `run`. @returns what gives its result, or throws its error */
function outcomeOf<Result>(run: () => Result): () => Result {
  try {
    const result = run();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
