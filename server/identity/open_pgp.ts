// OpenPGP between the server and phones. The work is done in a thread of its own: nothing that a phone sends
// holds the event loop.

/** A key of one side: `id` names it for ever, so that it is parsed once. */
export interface OpenPgpPublicKey {
  readonly id: string;
  /** Armored. */
  readonly publicKey: string;
}

/** The key pair of the server; `id` is the fingerprint in upper-case hexadecimal. */
export interface OpenPgpKey extends OpenPgpPublicKey {
  /** Armored, unencrypted. */
  readonly privateKey: string;
}

/** What an armored key was found to be: one that is accepted, as it is kept, or not, and why. */
export type CheckedKey =
  | {
      readonly kind: "accepted";
      /** Armored anew: nothing but the key, its one user id and subkeys that are of use. */
      readonly publicKey: string;
      readonly fingerprint: string;
    }
  | { readonly kind: "refused"; readonly problem: string };

/**
 * OpenPGP as GnuPG 2.2 reads it. A call rejects with UNAVAILABLE when the thread fails or takes too long, and
 * with RATE_LIMITED when too many wait, of all or of one owner. `owner`: whose phone it is for; owners take
 * turns. Source: D-53, SEC-48 to SEC-50, SEC-75.
 */
export interface OpenPgp extends AsyncDisposable {
  /** Checks a public key that a phone enrols, of at most 64 KiB. */
  checkKey(armored: string, owner?: string): Promise<CheckedKey>;
  /** Makes a key pair for the server. */
  generateKey(): Promise<OpenPgpKey>;
  /**
   * Gives a binary message with a text, encrypted to one key and signed by another, uncompressed. Rejects
   * with KEY_INVALID when the key of the recipient has expired since it was checked.
   */
  encrypt(
    text: string,
    to: OpenPgpPublicKey,
    from: OpenPgpKey,
    owner?: string,
  ): Promise<Uint8Array>;
  /**
   * Gives the text of a binary message that was encrypted to the server and signed by a key; undefined when it
   * was not, was changed, inflates beyond its bound or is no text.
   */
  decrypt(
    message: Uint8Array,
    to: OpenPgpKey,
    from: OpenPgpPublicKey,
    owner?: string,
  ): Promise<string | undefined>;
}
