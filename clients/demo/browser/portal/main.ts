// The portal's page: outside, inside, and around again.
import { show, warn } from "../screen.ts";
import { calls } from "./calls.ts";
import { stayInside } from "./inside.ts";
import { letIn } from "./login.ts";

try {
  for (;;) {
    const { person, people } = await calls.visit();
    await stayInside(person ?? (await letIn(people)));
  }
} catch (error) {
  show("The portal is not there");
  warn((error as Error).message);
}
