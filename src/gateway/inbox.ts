import type { FastifyBaseLogger } from 'fastify';
import { errorCode } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { InboxNotification, Inbox as Ledger } from '../ledger/inbox';
import { grouped } from './grouped';

/** The ledger's inbox, as one gateway writes to it. */
export interface Inbox {
  /**
   * Keeps a notification, durably, whose claim is to be started `dueInMs` milliseconds from now.
   * @returns false where the ledger did not take it in time. Never rejects
   */
  keep(key: ArchiveKey, dueInMs: number): Promise<boolean>;
  /** Removes a notification whose claim is known to be started. Where that fails, it is started again: a duplicate. */
  remove(key: ArchiveKey): Promise<void>;
}

/** Notifications that wait to be written: a few hundred bytes each. */
const WAITING = 4_096;
/** Milliseconds that one write may take; with the one before it, that is the longest that a notification waits. */
const WRITE_DEADLINE = 700;

export function createInbox(ledger: Ledger, log: FastifyBaseLogger): Inbox {
  const bounds = { limit: WAITING, deadline: WRITE_DEADLINE };
  const kept = grouped((items: readonly InboxNotification[]) => ledger.keepInInbox(items), bounds);
  const removed = grouped((keys: readonly ArchiveKey[]) => ledger.removeFromInbox(keys), bounds);
  return {
    async keep(key, dueInMs) {
      try {
        await kept({ ...key, dueInMs });
        return true;
      } catch (error) {
        log.warn({ ...key, reason: reasonOf(error) }, 'The inbox did not take the notification');
        return false;
      }
    },
    async remove(key) {
      await removed(key).catch(() => undefined);
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof ArchivistError ? error.message : errorCode(error);
}
