/**
 * Writes events for the wire straight as bytes, where `encodeEvent` makes a text of them first.
 *
 * The events of a program are mostly of a few forms: the same fields, and the same provider, model, SDK, … A form is one
 * event's JSON with a place for each value that differs from call to call. An event of a known form is a copy of those
 * bytes with its values written into their places, in a third of the time that JSON takes; a place that is wider than its
 * value is filled up with spaces, which JSON allows between its tokens.
 *
 * Promise: what is written reads back as `encodeEvent`'s text does. What the wire looks like is told there alone: a form is
 * made of such a text, and only kept if the event it was made of comes back from it.
 */
import type { UsageEvent } from "./event.ts";
import { type Form, isOfForm, mostBytes } from "./event-form.ts";
import { FormFiller } from "./fill-form.ts";
import { makeForm } from "./make-form.ts";

export interface EventWriter {
  /** So much room behind the offset is enough for any event that is written. */
  readonly mostBytes: number;
  /** @returns how many bytes were written; 0 for an event of no known form, which `encodeEvent` is for */
  write(event: UsageEvent, target: Uint8Array, offset: number): number;
}

/** So many forms are kept, those last used first. */
const mostForms = 32;
/**
 * So many events of no known form are looked at, whether they make one; of those that follow, one in so many. Looking costs
 * ten times as much as writing, and there are programs whose events have no form, or a new one each.
 */
const eventsPerLook = 64;

export function createEventWriter(): EventWriter {
  return new FormWriter();
}

class FormWriter implements EventWriter {
  readonly mostBytes = mostBytes;
  readonly #forms: Form[] = [];
  readonly #filler = new FormFiller();
  #unknown = 0;

  write(event: UsageEvent, target: Uint8Array, offset: number): number {
    const forms = this.#forms;
    for (let at = 0; at < forms.length; at += 1) {
      const form = forms[at] as Form;
      const bytes = isOfForm(event, form.of) ? this.#filler.write(form, event, target, offset) : 0;
      if (bytes === 0) continue;
      if (at > 0) forms.unshift(...forms.splice(at, 1));
      return bytes;
    }
    this.#learn(event);
    return 0;
  }

  #learn(event: UsageEvent): void {
    this.#unknown += 1;
    if (this.#unknown > eventsPerLook && this.#unknown % eventsPerLook !== 0) return;
    const form = makeForm(event, this.#filler);
    if (form === undefined) return;
    if (this.#forms.length >= mostForms) this.#forms.pop();
    this.#forms.unshift(form);
  }
}
