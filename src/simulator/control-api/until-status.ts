import { setTimeout as pause } from 'node:timers/promises';
import type { ArchiveState } from './control';

const POLL_MS = 10;

/** Asks for an archive's state until it has the status. @throws Error after `timeoutMs` */
export async function untilStatus(
  ask: () => Promise<ArchiveState>,
  status: string,
  timeoutMs = 30_000,
): Promise<ArchiveState> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const state = await ask();
    if (state.status === status) return state;
    if (performance.now() >= deadline) {
      throw new Error(
        `The archive ${state.archiveId} is ${state.status}, not ${status}, after ${timeoutMs} ms.`,
      );
    }
    await pause(POLL_MS);
  }
}
