import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { AvailabilityOutcome } from '../../src/domain/claim';
import { ArchivistError, type FailureType } from '../../src/domain/failures';
import { FACTS } from './script';
import type { Claim } from './time-lapse';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A turn of `inTurn`, or a step that never does anything else: it fails as `type`, and is tried again after `pauseMs`. */
export function failing(type: FailureType, pauseMs?: number) {
  return (): Promise<never> => Promise.reject(new ArchivistError(type, 'As told.', pauseMs));
}

export function available(): Promise<AvailabilityOutcome> {
  return Promise.resolve({ outcome: 'available', facts: FACTS, hurry: false });
}

/** Something that a test opens for an activity which waits for it. */
export class Gate {
  readonly #events = new EventEmitter();
  readonly #opened = once(this.#events, 'opened');
  readonly #reached = once(this.#events, 'reached');

  /** Called by the activity: resolves when the gate is open. */
  async pass(): Promise<void> {
    this.#events.emit('reached');
    await this.#opened;
  }

  /** Resolves when an activity waits. */
  async reached(): Promise<void> {
    await this.#reached;
  }

  open(): void {
    this.#events.emit('opened');
  }
}

/** Resolves when the claim wants an activity to end that is under way. The test server takes it ill when that has ended by then. */
export async function untilItCancels(claim: Claim): Promise<void> {
  for (;;) {
    const { events } = await claim.fetchHistory();
    if (events?.some((event) => event.activityTaskCancelRequestedEventAttributes)) return;
    await pause(10);
  }
}
