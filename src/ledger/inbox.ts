import type { ArchiveKey } from '../domain/ids';

/** Notifications that Temporal did not take in time, one for each archive, until their claims are started. */
export interface Inbox {
  /** Keeps them, durably and all at once. Those that are there already stay as they are. */
  keepInInbox(notifications: readonly InboxNotification[]): Promise<void>;

  /**
   * Takes up to `limit` that are due, the longest due first. Nobody else gets them for `leaseMs`; then they are due again, unless
   * they were removed.
   */
  takeFromInbox(bounds: { readonly limit: number; readonly leaseMs: number }): Promise<InboxEntry[]>;

  /** Gives back what was taken and could not be started. What is no longer there stays away. */
  returnToInbox(notifications: readonly InboxNotification[]): Promise<void>;

  /** Removes those whose claims are known to be started. */
  removeFromInbox(keys: readonly ArchiveKey[]): Promise<void>;

  measureInbox(): Promise<InboxMeasure>;
}

export interface InboxNotification extends ArchiveKey {
  /** Milliseconds until its claim is to be started. */
  readonly dueInMs: number;
}

export interface InboxEntry extends ArchiveKey {
  /** How often it was taken, this time included. */
  readonly attempts: number;
}

export interface InboxMeasure {
  readonly entries: number;
  /** How long the oldest has been there; 0 where there is none. */
  readonly oldestSeconds: number;
}
