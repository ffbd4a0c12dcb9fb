/**
 * Things in the order they came, any of which may go at any time: each knows its neighbours, so that nothing grows or is
 * searched. (A map of thousands that come and go is made anew again and again.)
 */
export interface Link<Item> {
  before: Item | undefined;
  behind: Item | undefined;
  /** It is in a chain. */
  linked: boolean;
}

export class Chain<Item extends Link<Item>> {
  #first: Item | undefined;
  #last: Item | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Item | undefined {
    return this.#first;
  }

  /** @param item - in no chain */
  add(item: Item): void {
    const last = this.#last;
    item.linked = true;
    item.before = last;
    if (last === undefined) this.#first = item;
    else last.behind = item;
    this.#last = item;
    this.#size += 1;
  }

  /** @returns whether it was still there */
  delete(item: Item): boolean {
    if (!item.linked) return false;
    const { before, behind } = item;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    // What is gone must not hold on to what came after it.
    item.before = undefined;
    item.behind = undefined;
    item.linked = false;
    this.#size -= 1;
    return true;
  }

  /** All of them now. */
  all(): Item[] {
    const all: Item[] = [];
    for (let item = this.#first; item !== undefined; item = item.behind) all.push(item);
    return all;
  }
}
