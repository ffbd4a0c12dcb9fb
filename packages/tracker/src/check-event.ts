/** Looks at an event before it is held: what the tracker keeps is a copy within bounds, that no program can change. */
import { checkEvent, type UsageEvent } from "@cmdrdata/protocol";

/**
 * @param event - whatever came
 * @param say - told what was set aside, never a value: by a name that is the same for the same fault
 * @returns `undefined` for what cannot be read as an event at all, as a proxy may be
 */
export function checkedEvent(event: unknown, say: (fault: string, text: string) => void): UsageEvent | undefined {
  try {
    const { event: checked, problems } = checkEvent(event);
    for (const { code, field, message } of problems) {
      const [section] = field.split(/[.[]/);
      say(`${code} ${section}`, `cmdrdata: a part of an event's ${section} was set aside: ${code}: ${message}`);
    }
    return checked;
  } catch {
    return undefined;
  }
}

/** The same for what is made later. @returns rejects for what cannot be read */
export async function checkedLater(complete: () => UsageEvent | Promise<UsageEvent>): Promise<UsageEvent> {
  return checkEvent(await complete()).event;
}
