// The command `delete`: an object of the set-up goes.
import { changeLine } from "./changes.ts";
import type { Command } from "./command.ts";
import { exactly } from "./command.ts";

/** Removes an object that nothing refers to. */
export const deleteObject: Command = {
  name: "delete",
  usage: "KIND ID",
  summary: "removes an object that nothing refers to",
  details: [
    "KIND is the list of the set-up file that holds it, such as clients; ID is its id, the url of a",
    "callback, or the name of a type.",
  ],
  async run(args, { admin, print }) {
    const [kind, id] = exactly(args, 2) as [string, string];
    await admin().deleteObject({ kind, id });
    print(changeLine({ action: "removed", kind, id, fields: [] }));
    return 0;
  },
};
