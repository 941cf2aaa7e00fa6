import type { Readable } from 'node:stream';
import type { ArchiveId, ArchiveKey, TenantId } from '../domain/ids';

/** The copy id of the bag that is already in its place. Any other copy id names one incoming, unsealed copy. */
export const SEALED = 'sealed';

/**
 * The store of copies. A copy is received (`receive`), read back (`open`) and, once verified, sealed into a bag (`seal`).
 * Until it is sealed, only the claim that made it knows it.
 *
 * Every method throws `ArchivistError`: `StoreUnavailable` if the store cannot be used, `StoreFull` if it has no
 * room, and the failures that the method names.
 */
export interface ArchiveStore {
  /** The store's own address, as configured, for people and the ledger. */
  readonly url: string;

  /**
   * Prepares the store for its first use and gives it an identity, unless it has one.
   * @returns the identity, which the ledger remembers and later calls expect
   */
  initialise(): Promise<string>;

  /** Looks at the directory without changing it: the store's identity, if it has one, and whether it has bags. */
  look(): Promise<{ readonly identity: string | undefined; readonly hasBags: boolean }>;

  /**
   * Checks that this is the expected store, and not, for example, the empty mount point of a volume; and that the folders of
   * `tenants`, as far as they exist, can take its copies.
   */
  check(tenants?: readonly TenantId[]): Promise<void>;

  /** Where the archive's bag is, or will be: a URL. */
  locationOf(key: ArchiveKey): string;

  /** What the sealed bag says about its archive; `undefined` if there is no bag. Reads the manifest, not the archive. */
  findSealed(key: ArchiveKey): Promise<SealedCopy | undefined>;

  /**
   * Begins a new, empty incoming copy. Several may exist at a time; none sees another's bytes.
   * @throws `StoreFull` at once if the store can tell that it has no room for `source.totalBytes`
   */
  receive(key: ArchiveKey, source?: Source): Promise<IncomingCopy>;

  /**
   * Resumes a copy that an attempt left unfinished, whatever process or worker that was. The copy belongs to this attempt
   * from then on: no other can write into it, not even one that is only thought dead.
   * @returns `undefined` if there is none
   * @throws `StoreFull` at once if the store can tell that it has no room for the rest
   */
  resume(key: ArchiveKey): Promise<IncomingCopy | undefined>;

  /** Opens a copy for reading back. @throws `CopyMissing` if it is gone. */
  open(key: ArchiveKey, copyId: string): Promise<CopyReader>;

  /**
   * Returns a mark of what is in the bag's place, whole or not; another bag has another mark. `undefined` if nothing is there.
   * @throws `StoreConflict` if it is another archive's bag
   */
  markOf(key: ArchiveKey): Promise<string | undefined>;

  /**
   * Deletes an incoming copy that failed its verification. Does nothing if it is gone already. A sealed bag cannot be discarded.
   * @throws `CopyMissing` if `copyId` names no incoming copy
   */
  discard(key: ArchiveKey, copyId: string): Promise<void>;

  /** The tenant's archives with incoming copies, in use or left over. */
  withIncoming(tenant: TenantId): Promise<ArchiveId[]>;

  /** Deletes all incoming copies of an unwanted archive. An attempt that still writes one gets `CopyMissing`. */
  discardAll(key: ArchiveKey): Promise<void>;

  /**
   * Makes the copy a bag, whole or not at all, and durable before it returns. If a bag with the same
   * SHA-256 is sealed already, it only removes the incoming copy, so that a call may be repeated. A copy that took the place
   * has all other incoming copies of the archive removed.
   * @param replaces the mark of a bag that is known to be bad: it is moved aside, and never destroyed, at the moment this one
   * takes its place
   * @throws `StoreConflict` if another bag is in the place; `CopyMissing` if the copy is gone; `ChecksumMismatch` if the copy
   * does not have the size with which it was verified.
   */
  seal(key: ArchiveKey, copyId: string, contents: BagContents, replaces?: string): Promise<SealedCopy>;
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
  /** The record's bytes, as the platform sent them. */
  readonly recordSource: Uint8Array;
}

/** The file that a copy is being made of, as far as it is known. */
export interface Source {
  /** Its strong entity tag. */
  readonly validator?: string | undefined;
  readonly totalBytes?: number | undefined;
}

/** A copy that is being written. It is always a prefix of its file: the first `receivedBytes` bytes, without gaps. */
export interface IncomingCopy {
  readonly copyId: string;
  readonly source: Source;
  /** How many bytes the copy has, those of earlier attempts included: the position from which to resume. */
  readonly receivedBytes: number;
  /**
   * Writes the chunks, one after the other, at the end of the copy; one call at a time. Resolves when the store has the bytes and
   * the chunks may be reused.
   */
  append(...chunks: Uint8Array[]): Promise<void>;
  /** Makes all bytes durable and closes the copy. */
  finish(): Promise<void>;
  /** Closes the copy, and leaves it to be resumed unless bytes of it may be lost. Never throws; does nothing once finished. */
  release(): Promise<void>;
  /** Closes and deletes the copy. Never throws. */
  discard(): Promise<void>;
}

/** A stored copy, read back. Reading throws `CopyMissing` if a part of the copy cannot be read, though the store can be used. */
export interface CopyReader {
  readonly sizeBytes: number;
  /**
   * SHA-256, lower-case hex, of the whole copy as the store read it back when it was finished, if nothing has touched
   * the copy since.
   */
  readonly readBack?: string;
  /** All bytes in order. */
  stream(): Readable;
  /** Up to `length` bytes from `position`; shorter only at the end. */
  readAt(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}
