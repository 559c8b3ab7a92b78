// The commands of the command line, in the order in which help lists them.
import { apply } from "./apply.ts";
import { auditCheckpoint, auditVerify } from "./audit.ts";
import type { Command } from "./command.ts";
import { deleteObject } from "./delete.ts";
import { diff } from "./diff.ts";
import { executionsList, executionsReplay, executionsShow, executionsTail } from "./executions.ts";
import { exportSetup } from "./export.ts";
import { help } from "./help.ts";
import { rotateKeys } from "./rotate_keys.ts";
import { scriptsActivate, scriptsList, scriptsShow, scriptsVersions } from "./scripts.ts";
import { scriptsCheck } from "./scripts_check.ts";
import { version } from "./version.ts";

/** Every command. To add one: a file, and a row here. */
export const commands: readonly Command[] = [
  apply,
  diff,
  exportSetup,
  deleteObject,
  rotateKeys,
  scriptsCheck,
  scriptsList,
  scriptsVersions,
  scriptsShow,
  scriptsActivate,
  executionsList,
  executionsShow,
  executionsTail,
  executionsReplay,
  auditVerify,
  auditCheckpoint,
  help,
  version,
];
