import type { Readable } from 'node:stream';
import type { ArchiveKey, ConferenceId } from '../domain/ids';
import type { DeliveryReport } from '../domain/subscriptions';
import type { AbandonRequest } from './abandon';
import type { ListedArchive } from './list';
import type { ArchiveRecord } from './record';

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
  readonly end?: number | undefined;
  /** The length of the whole file, where it was announced. */
  readonly totalBytes?: number | undefined;
  /** The file's strong entity tag, where it has one. */
  readonly validator?: string | undefined;
}

/** Finds the platform of a tenant. @throws `UnknownTenant` where the configuration has none. */
export type PlatformOf = (tenant: ArchiveKey['tenant']) => Platform;

/**
 * The tenant's subscriptions on the platform. Every administrator sees and can delete all of them, so that there may be strangers.
 *
 * Every method throws `ArchivistError`: `PlatformUnavailable`, `CredentialsRejected`, or `SubscriptionsUnsupported` with what a
 * person can do where the platform lacks the endpoint.
 */
export interface PlatformSubscriptions {
  /**
   * Registers a callback for the tenant's topic.
   * @returns the subscription's id; `undefined` where the answer does not tell it
   * @throws `SubscriptionRefused` where the platform does not want it
   */
  register(url: string, signal: AbortSignal): Promise<string | undefined>;

  listSubscriptions(signal: AbortSignal): Promise<PlatformSubscription[]>;

  /** The latest attempts to deliver to it. @throws `SubscriptionUnknown` */
  reports(subscriptionId: string, signal: AbortSignal): Promise<DeliveryReport[]>;

  /** Ends a subscription. One that is gone already is no error: the list tells. */
  deleteSubscription(subscriptionId: string, signal: AbortSignal): Promise<void>;
}

/** What the platform's list says of one subscription. */
export interface PlatformSubscription {
  readonly subscriptionId: string;
  /** With its secret: never to be shown or logged. */
  readonly url?: string | undefined;
  readonly topic?: string | undefined;
}
