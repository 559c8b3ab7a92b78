// PROPERTIES: values that the operator keeps outside of scripts.
import { answer, type Binding } from "../world.ts";

/** The operation behind PROPERTIES and its alias: the value by id, null when unknown. Source: D-26. */
export const propertiesBinding: Binding = {
  name: "PROPERTIES",
  operations: {
    "properties.get": ([id], world) =>
      answer(typeof id === "string" ? (world.properties.get(id)?.value ?? null) : null),
  },
};
