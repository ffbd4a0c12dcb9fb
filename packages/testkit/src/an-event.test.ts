import { encodeEvent, parseEvent } from "@cmdrdata/protocol";
import { expect, it } from "vitest";

import { anEvent } from "./an-event.ts";

it("makes valid events with ids of their own, and with the fields a test asks for", () => {
  const [first, second] = [anEvent(), anEvent({ customer_id: "acme" })];
  expect(first.id).not.toBe(second.id);
  expect(second.customer_id).toBe("acme");
  expect(parseEvent(JSON.parse(encodeEvent(second)))).toEqual({ event: second, problems: [] });
});
