import { describe, expect, it } from "vitest";

import { carryBodyFields, carryFields, fieldsOf, stripRequest, tracking } from "./call-fields.ts";

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
    expect([typeof fields.customer_id, fields.custom_metadata]).toEqual(["symbol", {}]);
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

describe("carryBodyFields", () => {
  it("takes the fields off the body in the options, and still knows them", () => {
    const body = { model: "m", customer_id: "a", custom_metadata: { step: 1 } };
    const options = Object.freeze({ ...tracking({ customerId: "b", track: true }), timeout: 5, body });
    const sent = carryBodyFields(options) as object;
    expect(sent).toEqual(expect.objectContaining({ timeout: 5, body: { model: "m" } }));
    body.custom_metadata.step = 2;
    expect(fieldsOf(sent)).toEqual({ customer_id: "a", custom_metadata: { step: 1 }, track_usage: true });
    expect(options.body).toBe(body);
  });

  it.each([undefined, null, {}, { body: { model: "m" } }, Promise.resolve()])("returns %j as it is", (options) => {
    expect(carryBodyFields(options)).toBe(options);
    expect(fieldsOf({})).toEqual({});
  });
});
