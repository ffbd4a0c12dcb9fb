import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { countByRule } from "./count-by-rule.ts";
import { loadTokenizer } from "./tokenizer.ts";

const file = (path: string): string => readFileSync(new URL(`../../../../../${path}`, import.meta.url), "utf8");

/** Article 1 of the Universal Declaration of Human Rights, a text of this repository, and what is near to both. */
const samples: readonly (readonly [name: string, text: string, within: number])[] = [
  ["English prose", file("STYLE.md"), 0.2],
  ["legal English", file("LICENSE"), 0.35],
  ["code", file("packages/tracker/src/delivery/holding.ts"), 0.2],
  ["JSON", file("packages/openai/package.json"), 0.2],
  [
    "German",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
    0.2,
  ],
  [
    "French",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    0.2,
  ],
  [
    "Russian",
    "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
    0.2,
  ],
  ["Chinese", "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。", 0.2],
  [
    "Japanese",
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。",
    0.2,
  ],
  [
    "Korean",
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
    0.2,
  ],
  [
    "Hindi",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
    0.2,
  ],
  [
    "Arabic",
    "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا وعليهم أن يعامل بعضهم بعضًا بروح الإخاء.",
    0.2,
  ],
];

describe("countByRule", () => {
  it.each(samples)("comes near to o200k_base for %s", async (_name, text, within) => {
    const tokens = (await loadTokenizer("o200k_base"))?.count(text) ?? Number.NaN;
    expect(Math.abs(countByRule(text) / tokens - 1)).toBeLessThanOrEqual(within);
  });

  it("adds up, whatever the pieces", () => {
    expect(countByRule("")).toBe(0);
    expect(countByRule("Ab 1\n!é字")).toBeCloseTo(0.35 + 0.2 + 0.2 + 0.55 + 0.5 + 0.6 + 0.32 + 0.78, 10);
    expect(countByRule("one ") + countByRule("two")).toBeCloseTo(countByRule("one two"), 10);
  });
});
