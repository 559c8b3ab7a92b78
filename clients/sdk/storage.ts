// Where the SDK keeps what has to outlive the app: a port, with an implementation for each platform.

/** Bytes of their own buffer, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The key pair by which an installation proves itself: P-256. */
export interface SigningKey {
  /** Public members alone: `kty`, `crv`, `x`, `y`. */
  readonly publicJwk: Readonly<Record<"kty" | "crv" | "x" | "y", string>>;
  /** ES256: `r` and `s`, 32 bytes each. */
  sign(data: Bytes): Promise<Bytes>;
}

/**
 * A store on the device. What it gives was written by nobody else, or it throws: DATA_STORAGE_NOT_AVAILABLE when
 * it may come back (locked, full), DATA_STORAGE_UNRECOVERABLE when what was kept can no longer be read.
 * Names have the form `[a-z0-9._-]{1,128}`.
 */
export interface DeviceStorage {
  /** Gives a text; undefined when there is none. */
  read(name: string): Promise<string | undefined>;
  /** Writes a text, wholly or not at all; it lasts when the promise resolves. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Removes everything, keys too. */
  clear(): Promise<void>;
  /**
   * Does work that nobody else on the device does at the same time: no other call, tab or process. Work that asks for
   * it again waits for ever.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Gives the key pair of the installation; the first call makes it. */
  signingKey(): Promise<SigningKey>;
  /** Encrypts with a key of the device that is never shown: AES-256-GCM. */
  seal(bytes: Bytes): Promise<Bytes>;
  /** Undoes `seal`. */
  open(sealed: Bytes): Promise<Bytes>;
  /** Gives 32 bytes that only this device can give for these: HMAC-SHA-256. */
  derive(bytes: Bytes): Promise<Bytes>;
}
