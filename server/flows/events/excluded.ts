// Which types of events an operator does not keep.
import { SettingFault, splitList, variableOf } from "../../../proto/settings.ts";
import type { EventType } from "./event_types.ts";
import { eventTypes } from "./event_types.ts";

const isType = (name: string): name is EventType =>
  (eventTypes as readonly string[]).includes(name);

/** Reads the setting `events_excluded`. Throws SettingFault for a name that is no type of event. */
export function readExcluded(setting: string): ReadonlySet<EventType> {
  const names = splitList(setting);
  for (const name of names) {
    if (!isType(name)) {
      const variable = variableOf("events_excluded");
      throw new SettingFault(`${variable}: got ${JSON.stringify(name)}, which is no type of event`);
    }
  }
  return new Set(names.filter(isType));
}
