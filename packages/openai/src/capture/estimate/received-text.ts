/**
 * The text that a stream has brought so far: references to its pieces, in the order they came, each text by itself (every
 * choice, every tool call, the refusal, …), since tokens do not reach over from one to another.
 *
 * Bounded: of what is over `mostCharacters`, only the tokens by rule are kept.
 */
import { countByRule } from "./count-by-rule.ts";

/** More than any model writes in one answer. */
const mostCharacters = 1_048_576;

export class ReceivedText {
  readonly #texts = new Map<string, string[]>();
  #characters = 0;
  #tokensBeyond = 0;
  #lastKey = "";
  #last: string[] = [];
  /** Something came that is billed as output, or as the input of a next step, and is no text. */
  unseen: "output" | "both" | null = null;

  /** @param key - tells the stream's texts from each other */
  add(key: string, piece: unknown): void {
    if (typeof piece !== "string" || piece === "") return;
    this.#characters += piece.length;
    if (this.#characters > mostCharacters) {
      this.#tokensBeyond += countByRule(piece);
      return;
    }
    // Mostly one text streams on.
    if (key !== this.#lastKey) this.#select(key);
    this.#last.push(piece);
  }

  get characters(): number {
    return Math.min(this.#characters, mostCharacters);
  }

  get tokensBeyond(): number {
    return Math.ceil(this.#tokensBeyond);
  }

  texts(): readonly string[] {
    return [...this.#texts.values()].map((pieces) => pieces.join(""));
  }

  #select(key: string): void {
    this.#lastKey = key;
    this.#last = this.#texts.get(key) ?? [];
    this.#texts.set(key, this.#last);
  }
}
