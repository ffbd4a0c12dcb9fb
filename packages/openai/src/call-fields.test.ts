import { describe, expect, it } from "vitest";

import { carryFields, fieldsOf, stripOptions, stripRequest, tracking } from "./call-fields.ts";

describe("carryFields", () => {
  it("returns the same arguments when none names a field", () => {
    const args = ["id", { model: "m" }, undefined, null, { headers: {} }];
    expect(carryFields(args)).toBe(args);
  });

  it("moves the fields to the options behind the body, wherever that is", () => {
    const body = { model: "m", customer_id: "a" };
    const [id, sent, options] = carryFields(["id", body, { timeout: 1 }]);
    expect([id, sent]).toEqual(["id", { model: "m" }]);
    expect(options).toMatchObject({ timeout: 1 });
    expect(fieldsOf(options as object)).toMatchObject({ customer_id: "a" });
    expect(body).toEqual({ model: "m", customer_id: "a" });
  });

  it("keeps prototype, getters and frozen properties of the body", () => {
    class Body {
      readonly customer_id = "a";
      get late(): string {
        throw new Error("read too early");
      }
    }
    const body = Object.freeze(Object.defineProperty(new Body(), "own", { get: () => "late", enumerable: true }));
    const [sent] = carryFields([body]) as [Body & { own: string }];
    expect(sent).toBeInstanceOf(Body);
    expect(Object.keys(sent)).toEqual(["own"]);
    expect(sent.own).toBe("late");
  });

  it("does not fail for a getter that throws, and takes it for nobody else", () => {
    const fail = (): never => {
      throw new Error("hostile");
    };
    const hostile = { get: fail, enumerable: true };
    const body = Object.defineProperties({}, { customer_id: hostile, custom_metadata: hostile, track_usage: hostile });
    const [sent, options] = carryFields([body, tracking({ customerId: "a" })]);
    expect(sent).toEqual({});
    const fields = fieldsOf(options as object);
    expect([typeof fields.customer_id, typeof fields.custom_metadata]).toEqual(["symbol", "symbol"]);
    expect(fields.track_usage).not.toBe(false);
  });

  it("lets the body win over tracking(), field by field, where it says something", () => {
    const options = tracking({ customerId: "a", metadata: { x: 1 }, track: true });
    const [, merged] = carryFields([{ customer_id: "b", custom_metadata: null, track_usage: undefined }, options]);
    expect(fieldsOf(merged as object)).toEqual({ customer_id: "b", custom_metadata: { x: 1 }, track_usage: true });
  });
});

describe("stripRequest", () => {
  const options = { body: { model: "m", customer_id: "a" } };

  it("takes the fields off the JSON of options that still have them", () => {
    const request = { body: JSON.stringify(options.body) };
    stripRequest(request, options);
    expect(request.body).toBe('{"model":"m"}');
  });

  it.each([
    ["model=m", options],
    ['{"odd": 1}', { body: { model: "m" } }],
    [undefined, options],
  ])("leaves %j alone", (body, from) => {
    const request = { body };
    stripRequest(request, from);
    expect(request).toEqual({ body });
  });
});

describe("tracking", () => {
  it("keeps the request options, and adds nothing that is listed or sent", () => {
    const options = tracking({ customerId: "a" }, { timeout: 5 });
    expect(Object.keys(options)).toEqual(["timeout"]);
    expect(JSON.stringify(options)).toBe('{"timeout":5}');
    expect(fieldsOf({ ...options })).toMatchObject({ customer_id: "a" });
  });
});

describe("stripOptions", () => {
  it("takes the fields off the body, and still knows them", () => {
    const body = { model: "m", customer_id: "a" };
    const options = { body };
    stripOptions(options);
    stripOptions(options);
    expect(options.body).toEqual({ model: "m" });
    expect(body).toHaveProperty("customer_id");
    expect(fieldsOf(options).customer_id).toBe("a");
  });

  it("cannot change frozen options, and does not fail", () => {
    const options = Object.freeze({ body: { customer_id: "a" } });
    expect(() => stripOptions(options)).not.toThrow();
    expect(fieldsOf({})).toEqual({});
  });
});
