import { describe, expect, it } from "vitest";

import { explainFailure } from "./explain-failure.ts";

const withCode = (code: string, message = ""): Error => Object.assign(new Error(message), { code });

describe("explainFailure", () => {
  it("names what is wrong with a certificate, wherever it is said", () => {
    const refused = withCode("CERT_HAS_EXPIRED", "certificate has expired");
    const expected = "the collector's certificate has expired: CERT_HAS_EXPIRED";
    expect(explainFailure(refused).message).toBe(expected);
    expect(explainFailure(new TypeError("fetch failed", { cause: refused })).message).toBe(expected);
    expect(explainFailure(new AggregateError([refused, new Error("other")])).message).toBe(expected);
  });

  it("gives a message also where the runtime gives none", () => {
    expect(explainFailure(withCode("ECONNREFUSED")).message).toBe("ECONNREFUSED");
    expect(explainFailure(new Error("")).message).toBe("Error");
    expect(explainFailure(withCode("toString", "odd")).message).toBe("odd");
  });

  it("takes whatever was thrown, and causes that go round", () => {
    const round = new Error("round");
    round.cause = round;
    expect(explainFailure(round).message).toBe("round");
    expect(explainFailure("a text").message).toBe("a text");
    expect(explainFailure(undefined).message).toBe("undefined");
  });
});
