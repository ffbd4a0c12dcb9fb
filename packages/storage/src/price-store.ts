/**
 * The price book as it was at any time, and the tenants' own terms, as a part of the store's port.
 *
 * What a book and a term are is not known here: they are JSON. V1 a book is never changed; the next one follows it, unless
 * another came between. V2 the version counts up, in the same transaction, with every change of either.
 */

export interface StoredBook {
  readonly sequence: number;
  readonly version: string;
  /** Why it is there: `seed`, `upgrade`, `approval`, `import`. */
  readonly origin: string;
  readonly createdAtMs: number;
  readonly book: string;
}

export interface StoredTerm {
  readonly tenant: string;
  readonly id: string;
  readonly createdAtMs: number;
  readonly removedAtMs: number | null;
  readonly term: string;
}

/** Holds V1 and V2. */
export interface PriceStore {
  priceVersion(): Promise<number>;
  currentBook(): Promise<StoredBook | undefined>;
  /** Newest first, without what is in them. */
  listBooks(): Promise<readonly Omit<StoredBook, "book">[]>;
  /** @param after - the sequence of the book that it follows, 0 for none */
  addBook(book: Omit<StoredBook, "sequence">, after: number): Promise<"added" | "outdated">;
  /** Of all tenants, those that are not removed. */
  terms(): Promise<readonly StoredTerm[]>;
  /** Of one tenant, removed ones too, oldest first. */
  listTerms(tenant: string): Promise<readonly StoredTerm[]>;
  addTerm(term: Omit<StoredTerm, "removedAtMs">): Promise<void>;
  removeTerm(tenant: string, id: string, removedAtMs: number): Promise<"removed" | "absent">;
}
