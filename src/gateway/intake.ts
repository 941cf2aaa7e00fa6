import type { ArchiveKey } from '../domain/ids';
import { isStarted, type StartOutcome } from '../domain/start-outcome';
import type { ClaimStarter } from './claim-starter';
import type { Inbox } from './inbox';
import type { Rush } from './rush';
import { createSlots } from './slots';
import { within } from './within';

/** `accepted` by Temporal, `kept` in the inbox, known already, or taken by neither. */
export type Acceptance = 'accepted' | 'kept' | 'duplicate' | 'unavailable';

export interface Intake {
  /** Takes a notification in: what it answers is durable, and in time for the platform, which waits for 3 s. Never rejects. */
  take(key: ArchiveKey): Promise<Acceptance>;
  /** Resolves when nothing of what was taken in is under way any more. */
  ended(): Promise<void>;
}

/** Starts under way at a time. They keep Temporal busy; more would only wait there for each other. */
const STARTS = 16;
/** Milliseconds that a notification waits for Temporal before it goes to the inbox. */
const PATIENCE = 160;
/** Milliseconds after which a start counts as failed. Its notification was answered long before. */
const START_DEADLINE = 1_200;

/** Starts under way at a time, and milliseconds that each may take, where the inbox does not take the notification. */
const LAST_STARTS = 256;
const LAST_DEADLINE = 900;

/** Claims told at a time that their archive was announced again. */
const WAKES = 16;
/** Notifications taken out of the inbox at a time. */
const REMOVALS = 64;

/**
 * The way of a notification, once it is known whose it is, and that it is one:
 *
 * 1. Temporal, if it is not known to be down, a slot is free and there is no {@link Rush}. A claim was started: `accepted`. There
 *    was one: `duplicate`.
 * 2. Temporal is down, saturated, kept free in a rush, or not done within {@link PATIENCE}: the inbox. There: `kept`. A start
 *    that is under way goes on, and takes the notification out again where it succeeds; else the drainer starts the claim.
 *    After a timeout nobody knows whether Temporal has it; then the drainer meets a duplicate.
 * 3. The ledger is down or slow: the start that is under way is waited for; where there is none, one is made, whatever is known
 *    of Temporal. A sender who hears 503 at once only spends his four tries sooner.
 * 4. Neither has it: `unavailable`.
 *
 * Nothing waits for a slot, and what waits for the inbox is bounded: there is no queue here that could grow.
 */
export function createIntake(starter: ClaimStarter, inbox: Inbox, rush: Pick<Rush, 'admits'>): Intake {
  const starts = createSlots(STARTS);
  const lastStarts = createSlots(LAST_STARTS);
  const wakes = createSlots(WAKES);
  const removals = createSlots(REMOVALS);

  return {
    async take(key) {
      const start = tryTemporal(key);
      const outcome = start && (await within(PATIENCE, start));
      if (outcome && isStarted(outcome)) return await acceptanceOf(outcome, key);

      const isUnderWay = start !== undefined && outcome === undefined;
      if (await inbox.keep(key, isUnderWay ? START_DEADLINE : 0)) {
        if (isUnderWay) void removals.tryRun(() => removeOnceStarted(key, start));
        return 'kept';
      }

      const last = isUnderWay ? start : insistOnTemporal(key);
      const late = last && (await within(LAST_DEADLINE, last));
      return late && isStarted(late) ? await acceptanceOf(late, key) : 'unavailable';
    },

    async ended() {
      await Promise.all([starts, lastStarts, wakes, removals].map((slots) => slots.ended()));
    },
  };

  function tryTemporal(key: ArchiveKey): Promise<StartOutcome> | undefined {
    if (!rush.admits() || starts.isFull() || !starter.isWorthATry()) return undefined;
    return starts.tryRun(() => starter.start(key, START_DEADLINE));
  }

  function insistOnTemporal(key: ArchiveKey): Promise<StartOutcome> | undefined {
    return lastStarts.tryRun(() => starter.start(key, LAST_DEADLINE));
  }

  async function removeOnceStarted(key: ArchiveKey, start: Promise<StartOutcome>): Promise<void> {
    if (isStarted(await start)) await inbox.remove(key);
  }

  async function acceptanceOf(outcome: 'started' | 'duplicate', key: ArchiveKey): Promise<Acceptance> {
    if (outcome === 'started') return 'accepted';
    const waking = wakes.tryRun(() => starter.wake(key));
    if (waking) await within(PATIENCE, waking);
    return 'duplicate';
  }
}
