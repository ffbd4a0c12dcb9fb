import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { clearCustomerContext, customerContext, getCustomerContext, setCustomerContext } from "./customer-context.ts";

describe("customerContext", () => {
  it("holds for the work and what it starts, returns its result, and ends with it", async () => {
    expect(getCustomerContext()).toBeUndefined();
    const seen = customerContext("a", async () => {
      await Promise.resolve();
      return getCustomerContext();
    });
    expect(getCustomerContext()).toBeUndefined();
    expect(await seen).toBe("a");
  });

  it("can be set and cleared from within, which the outside does not see", () => {
    customerContext("a", () => {
      setCustomerContext("b");
      expect(getCustomerContext()).toBe("b");
      clearCustomerContext();
      expect(getCustomerContext()).toBeUndefined();
    });
    expect(getCustomerContext()).toBeUndefined();
  });

  it("never mixes up concurrent work, however it interleaves", async () => {
    type Step = "wait" | "set" | "clear" | "nest";
    const steps = fc.array(fc.constantFrom<Step>("wait", "set", "clear", "nest"), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 2, maxLength: 6 }), fc.scheduler(), async (plans, scheduler) => {
        const runs = plans.map((plan, run) => customerContext(`c${run}`, () => follow(plan, `c${run}`)));
        async function follow(plan: readonly Step[], name: string): Promise<void> {
          let expected: string | undefined = name;
          for (const [index, step] of plan.entries()) {
            const next = `${name}.${index}`;
            if (step === "set") setCustomerContext((expected = next));
            if (step === "clear") expected = clearCustomerContext() as undefined;
            if (step === "nest") await customerContext(next, () => follow(["wait"], next));
            await scheduler.schedule(Promise.resolve());
            expect(getCustomerContext()).toBe(expected);
          }
        }
        await scheduler.waitFor(Promise.all(runs));
      }),
      { numRuns: 50 },
    );
  });
});
