// Names of what is kept on a device.
import { SdkError } from "../error.ts";

const nameForm = /^[a-z0-9._-]{1,128}$/;

/** Gives a name back, or throws GENERAL_ERROR when it does not have the form of names of a `DeviceStorage`. */
export function checkedName(name: string): string {
  if (nameForm.test(name)) return name;
  throw new SdkError("GENERAL_ERROR", "A name in the storage of the device has the wrong form.");
}
