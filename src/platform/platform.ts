import type { Readable } from 'node:stream';
import type { ArchiveKey, ConferenceId } from '../domain/ids';
import type { ArchiveRecord } from './record';

/**
 * One tenant's platform. Every method throws `ArchivistError`: `PlatformUnavailable`, `CredentialsRejected` or
 * `ArchiveNotFound`, and stops when `signal` aborts.
 */
export interface Platform {
  /** Fetches the archive's record. @throws `RecordInvalid` where another archive's record came. */
  fetchRecord(key: ArchiveKey, signal: AbortSignal): Promise<ArchiveRecord>;

  /** Begins to download the archive's zip. The caller reads `body` to its end or destroys it. */
  download(key: ArchiveKey, signal: AbortSignal): Promise<Download>;

  /** Tells the platform that the conference's archive is claimed, so that it may delete the file. Accepted is not confirmed. */
  abandon(key: ArchiveKey, conferenceId: ConferenceId, signal: AbortSignal): Promise<void>;

  close(): Promise<void>;
}

export interface Download {
  readonly body: Readable;
  /** Announced length in bytes, where there is one. */
  readonly contentLength?: number;
}

/** Finds the platform of a tenant. @throws `UnknownTenant` where the configuration has none. */
export type PlatformOf = (tenant: ArchiveKey['tenant']) => Platform;
