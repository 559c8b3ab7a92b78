// The durable store: its laws on every engine.
import { storeRows } from "../support/stores.ts";
import { durableLaws } from "./laws/durable_laws.ts";
import { executionLaws } from "./laws/execution_laws.ts";
import { tokenLaws } from "./laws/token_laws.ts";

for (const row of storeRows().filter(({ ownDurable }) => ownDurable)) {
  durableLaws(row);
  tokenLaws(row);
  executionLaws(row);
}
