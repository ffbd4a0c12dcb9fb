import fc from "fast-check";
import { expect, it } from "vitest";

import { Chain, type Link } from "./chain.ts";

class Item implements Link<Item> {
  before: Item | undefined;
  behind: Item | undefined;
  linked = false;
}

it("has what came and did not go, in the order it came", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: undefined })), (steps) => {
      const chain = new Chain<Item>();
      const model: Item[] = [];
      const gone: Item[] = [];
      for (const step of steps) {
        if (step === undefined || model.length === 0) {
          const item = new Item();
          model.push(item);
          chain.add(item);
        } else {
          const [item] = model.splice(step % model.length, 1) as [Item];
          gone.push(item);
          expect(chain.delete(item)).toBe(true);
        }
        expect(chain.all().every((item, at) => item === model[at])).toBe(true);
        expect(chain.all()).toHaveLength(model.length);
        expect(chain.first === model[0] && chain.size === model.length).toBe(true);
      }
      for (const item of gone) {
        expect(chain.delete(item)).toBe(false);
        expect(item).toEqual({ before: undefined, behind: undefined, linked: false });
      }
    }),
  );
});
