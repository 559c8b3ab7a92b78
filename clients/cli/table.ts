// The commands of the command line, in the order in which help lists them.
import { apply } from "./apply.ts";
import { auditCheckpoint, auditVerify } from "./audit.ts";
import { callbacksList, callbacksResend, callbacksSecret } from "./callbacks.ts";
import type { Command } from "./command.ts";
import { deleteObject } from "./delete.ts";
import { diff } from "./diff.ts";
import { executionsList, executionsReplay, executionsShow, executionsTail } from "./executions.ts";
import { exportSetup } from "./export.ts";
import { help } from "./help.ts";
import { phoneApprove, phoneDeny, phoneEnrol, phoneScan } from "./phone/mobile.ts";
import {
  phoneLogin,
  phoneLogout,
  phoneProfiles,
  phoneRegister,
  phoneRemove,
} from "./phone/users.ts";
import { phoneAuthenticators, phonePin } from "./phone/ways.ts";
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
  callbacksList,
  callbacksResend,
  callbacksSecret,
  auditVerify,
  auditCheckpoint,
  phoneRegister,
  phoneLogin,
  phoneScan,
  phoneApprove,
  phoneDeny,
  phoneEnrol,
  phoneProfiles,
  phoneAuthenticators,
  phonePin,
  phoneLogout,
  phoneRemove,
  help,
  version,
];
