import type { Readable } from 'node:stream';
import type { ArchiveKey } from '../domain/ids';

/** The copy id of the bag that is already in its place. Any other copy id names one incoming, unsealed copy. */
export const SEALED = 'sealed';

/**
 * Where copies live. A copy is received (`receive`), read back (`open`) and, once proven, sealed into a bag (`seal`).
 * Until it is sealed it does not exist for anybody but the claim that made it.
 *
 * Every method throws `ArchivistError`: `StoreUnavailable` where the store cannot be used, `StoreFull` where it has no
 * room, and what is named at the method.
 */
export interface ArchiveStore {
  /** The store's own address, as configured, for people and the ledger. */
  readonly url: string;

  /**
   * Makes the store ready for its first use and gives it an identity; keeps the identity that it has.
   * @returns the identity, to be remembered in the ledger and expected from then on
   */
  initialise(): Promise<string>;

  /** Makes sure that this is the store it should be, and not, say, the empty mount point of a volume. */
  check(): Promise<void>;

  /** Where the archive's bag is, or will be: a URL. */
  locationOf(key: ArchiveKey): string;

  /** What the sealed bag says of its archive; `undefined` where there is no bag. Reads the manifest, not the archive. */
  findSealed(key: ArchiveKey): Promise<SealedCopy | undefined>;

  /**
   * Begins a new, empty incoming copy. Several may exist at a time; none sees another's bytes.
   * @param expectedBytes the size of the archive, where it is known
   * @throws `StoreFull` at once where the store can tell that it has no room for `expectedBytes`
   */
  receive(key: ArchiveKey, expectedBytes?: number): Promise<IncomingCopy>;

  /** Opens a copy for reading back. @throws `CopyMissing` where it is gone. */
  open(key: ArchiveKey, copyId: string): Promise<CopyReader>;

  /**
   * Takes a copy that failed its proof out of the way: an incoming one is deleted, a sealed bag is moved aside, so that
   * nothing is destroyed that was once safe. Does nothing where the copy is gone already.
   */
  discard(key: ArchiveKey, copyId: string): Promise<void>;

  /**
   * Makes the copy a bag, whole or not at all, and durable before it returns. Sealing what is sealed with the same
   * SHA-256 already does nothing but remove the incoming copy, so that it may be repeated. What else is left of the
   * archive's incoming copies is removed with it.
   * @throws `StoreConflict` where another bag is in the place; `CopyMissing` where the copy is gone;
   * `ChecksumMismatch` where the copy does not have the size that it was proven to have.
   */
  seal(key: ArchiveKey, copyId: string, contents: BagContents): Promise<SealedCopy>;
}

/** What a bag's own manifest and bag-info say. */
export interface SealedCopy {
  readonly location: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What goes into a bag beside the archive itself. */
export interface BagContents {
  /** SHA-256 of the archive as it was read back, lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly conferenceId: string;
  /** The record, exactly as the platform gave it. */
  readonly recordSource: string;
}

/** A copy that is being written, from its first byte to its last. */
export interface IncomingCopy {
  readonly copyId: string;
  /** Resolves when the bytes are handed to the operating system; the chunk may be reused then. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes all bytes durable and closes the copy. */
  finish(): Promise<void>;
  /** Closes and deletes the copy; for a transfer that broke off. Never throws. */
  abort(): Promise<void>;
}

/** A stored copy, read back. */
export interface CopyReader {
  readonly sizeBytes: number;
  /** All bytes in order. */
  stream(): Readable;
  /** Up to `length` bytes from `position`; shorter only at the end. */
  readAt(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}
