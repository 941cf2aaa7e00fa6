import { setTimeout as pause } from 'node:timers/promises';
import { request, type Dispatcher } from 'undici';

/** What became of one notification. */
export interface Delivery {
  readonly acknowledged: boolean;
  readonly attempts: number;
  /** Milliseconds that the last attempt took, its connection included. */
  readonly ms: number;
}

/** "up to 4 delivery attempts with an exponential backoff of 100ms" (guide); each is accepted within 3 seconds or not at all. */
const ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 100;
const ATTEMPT_MS = 3_000;

/** Delivers the notification of an archive as the platform does. */
export async function deliver(
  callback: string,
  archiveId: string,
  dispatcher: Dispatcher,
): Promise<Delivery> {
  const body = JSON.stringify(notificationOf(archiveId));
  for (let attempts = 1; ; attempts += 1) {
    const began = performance.now();
    const acknowledged = await isAccepted(callback, body, dispatcher);
    if (acknowledged || attempts === ATTEMPTS)
      return { acknowledged, attempts, ms: performance.now() - began };
    await pause(FIRST_BACKOFF_MS * 2 ** (attempts - 1));
  }
}

/** "Accepted when 199 < status < 399" (guide). */
async function isAccepted(callback: string, body: string, dispatcher: Dispatcher): Promise<boolean> {
  try {
    const answer = await request(callback, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      dispatcher,
      signal: AbortSignal.timeout(ATTEMPT_MS),
    });
    await answer.body.dump();
    return answer.statusCode > 199 && answer.statusCode < 399;
  } catch {
    return false;
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
