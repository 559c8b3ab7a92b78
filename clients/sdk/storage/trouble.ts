// How a store of the device fails, in the words of the SDK.
import { SdkError } from "../error.ts";

/** Gives the error of a store that may come back: locked, full, not to be written, not there. */
export const notAvailable = (message: string, cause?: unknown): SdkError =>
  new SdkError("DATA_STORAGE_NOT_AVAILABLE", message, { cause });

/** Gives the error of something kept that can no longer be read, or was written by somebody else. */
export const unrecoverable = (message: string, cause?: unknown): SdkError =>
  new SdkError("DATA_STORAGE_UNRECOVERABLE", message, { cause });
