import { setTimeout as pause } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { attempt } from '../../src/simulator/notifications/attempt';

/** What became of one notification. */
export interface Delivery {
  readonly acknowledged: boolean;
  readonly attempts: number;
  /** Milliseconds that the last attempt took. */
  readonly ms: number;
}

/** "up to 4 delivery attempts with an exponential backoff of 100ms" (guide); each within 3 seconds. */
const ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 100;

/** Delivers the notification of an archive as the platform does. */
export async function deliver(
  callback: string,
  archiveId: string,
  dispatcher: Dispatcher,
): Promise<Delivery> {
  const body = JSON.stringify(notificationOf(archiveId));
  for (let attempts = 1; ; attempts += 1) {
    const { outcome, ms } = await attempt(callback, body, dispatcher);
    if (outcome.acknowledged || attempts === ATTEMPTS)
      return { acknowledged: outcome.acknowledged, attempts, ms };
    await pause(FIRST_BACKOFF_MS * 2 ** (attempts - 1));
  }
}

/** As the guide gives it. */
export function notificationOf(archiveId: string): object {
  return {
    data: {
      archive_id: archiveId,
      archive_subject: { conference_id: `conference-of-${archiveId}`, meta: {} },
    },
    meta: { audience: '*', tenant: 'bench', topic: 'communication.archives.archive.available' },
  };
}
