import type { Readable } from 'node:stream';
import type { ArchiveKey, ConferenceId } from '../domain/ids';
import type { AbandonRequest } from './abandon';
import type { ListedArchive } from './list';
import type { ArchiveRecord } from './record';
import type { PlatformSubscriptions } from './subscriptions/platform-subscriptions';

/**
 * One tenant's platform. Every method throws `ArchivistError`: `PlatformUnavailable`, `CredentialsRejected` or
 * `ArchiveNotFound`, and stops when `signal` aborts.
 */
export interface Platform extends PlatformSubscriptions {
  /** Fetches the archive's record. @throws `RecordInvalid` where another archive's record came. */
  fetchRecord(key: ArchiveKey, signal: AbortSignal): Promise<ArchiveRecord>;

  /**
   * Begins to download the archive's zip from `part.from`, or from its beginning where the server cannot do that or the
   * file is no longer the same. The caller reads `body` to its end or destroys it.
   */
  download(key: ArchiveKey, part: Part, signal: AbortSignal): Promise<Download>;

  /**
   * Reads the list of the tenant's archives while it arrives.
   * @throws `PlatformUnavailable` at its end where it was cut short: nothing may be concluded from what is missing
   */
  list(signal: AbortSignal): AsyncIterable<ListedArchive>;

  /** Whether an abandon addresses a conference, and with it all archives that it has; else just the archive. */
  readonly abandonsConferences: boolean;

  /**
   * Opens the connection of one request that tells the platform that the conference's archive is claimed, so that it may delete the
   * file. Nothing is sent yet. The caller closes it.
   */
  openAbandon(key: ArchiveKey, conferenceId: ConferenceId, signal: AbortSignal): Promise<AbandonRequest>;

  close(): Promise<void>;
}

/** Which bytes of a file to request: from a position to its end. */
export interface Part {
  /** Position of the first byte; 0 requests the whole file. */
  readonly from: number;
  /** The strong entity tag of the file whose first bytes are here already. */
  readonly validator?: string | undefined;
  /** The length of that file. */
  readonly totalBytes?: number | undefined;
}

export interface Download {
  readonly body: Readable;
  /** Position of the first byte of `body`: what was asked for, or 0. */
  readonly start: number;
  /** Position after the last byte that was announced, where one was. */
  readonly end?: number;
  /** The length of the whole file, where it was announced. */
  readonly totalBytes?: number;
  /** The file's strong entity tag, where it has one. */
  readonly validator?: string;
}

/** Finds the platform of a tenant. @throws `UnknownTenant` where the configuration has none. */
export type PlatformOf = (tenant: ArchiveKey['tenant']) => Platform;
