import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { errorCode } from '../domain/error-code';
import type { Inbox, InboxEntry } from '../ledger/inbox';
import { isStarted, type StartOutcome } from '../domain/start-outcome';
import type { ClaimStarter } from './claim-starter';
import type { Rush } from './rush';

export interface Drainer {
  /** Ends the claims that are being started, gives the others back, and stops. */
  stop(): Promise<void>;
}

export interface DrainerDependencies {
  readonly inbox: Omit<Inbox, 'keepInInbox' | 'measureInbox'>;
  readonly starter: ClaimStarter;
  readonly rush: Pick<Rush, 'turn'>;
  readonly count: (outcome: StartOutcome) => void;
  readonly log: FastifyBaseLogger;
}

/** Milliseconds between two looks into an inbox that was empty, or while Temporal is down. */
const PAUSE = 500;
/** Claims that are taken on at a time, and started at a time: what is left of Temporal is for notifications that arrive. */
const BATCH = 100;
const LANES = 8;
/** Milliseconds that a start may take, and one that is to find out whether Temporal is back. */
const START_DEADLINE = 2_000;
const PROBE_DEADLINE = 1_000;
/** Milliseconds for which a batch is nobody else's: the longest that its starts may take, and some more. */
const LEASE = Math.ceil(BATCH / LANES) * START_DEADLINE + 2_000;
/** Milliseconds after which a start that was refused is tried again, times the tries so far. */
const REFUSED_PAUSE = 5_000;
const LONGEST_REFUSED_PAUSE = 60_000;

/**
 * Starts the claims of the notifications in the inbox, as soon as Temporal takes them. A notification is removed only when its
 * claim is known to be started. Any number of gateways do so at once: each takes its own, and a claim is started once.
 *
 * While Temporal is down, one notification is tried now and then.
 */
export function startDrainer({ inbox, starter, rush, count, log }: DrainerDependencies): Drainer {
  const stopping = new AbortController();
  const stopped = run();
  return {
    async stop() {
      stopping.abort();
      await stopped;
    },
  };

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const progressed = await drainOnce().catch((error: unknown) => {
        log.warn({ code: errorCode(error) }, 'The inbox cannot be drained');
        return false;
      });
      if (!progressed) await sleep(PAUSE, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  /** @returns whether more can be expected at once */
  async function drainOnce(): Promise<boolean> {
    const [limit, deadline] = starter.isDown() ? [1, PROBE_DEADLINE] : [BATCH, START_DEADLINE];
    if (!starter.isWorthATry()) return false;
    const entries = await inbox.takeFromInbox({ limit, leaseMs: LEASE });
    if (entries.length === 0) return false;
    const outcomes = await startAll(entries, deadline);
    const started = entries.filter((entry) => isStarted(outcomes.get(entry) ?? 'silent'));
    const left = entries.filter((entry) => !started.includes(entry));
    if (started.length > 0) await inbox.removeFromInbox(started);
    if (left.length > 0)
      await inbox.returnToInbox(
        left.map((entry) => ({ ...entry, dueInMs: pauseAfter(outcomes.get(entry), entry) })),
      );
    return started.length > 0;
  }

  /** Those that were not tried, since Temporal fell silent or the gateway stops, are not among the outcomes. */
  async function startAll(
    entries: readonly InboxEntry[],
    deadline: number,
  ): Promise<Map<InboxEntry, StartOutcome>> {
    const outcomes = new Map<InboxEntry, StartOutcome>();
    const waiting = [...entries];
    const lane = async (): Promise<void> => {
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
        await rush.turn(stopping.signal);
        if (stopping.signal.aborted) return;
        const outcome = await starter.start(entry, deadline);
        outcomes.set(entry, outcome);
        report(entry, outcome);
        if (outcome === 'duplicate') await starter.wake(entry);
        if (outcome === 'silent') waiting.length = 0;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return outcomes;
  }

  function report({ tenant, archiveId }: InboxEntry, outcome: StartOutcome): void {
    count(outcome);
    if (isStarted(outcome)) log.info({ tenant, archiveId, outcome }, 'Notification from the inbox');
  }
}

/** Temporal's silence is no fault of the notification: it is due again at once. */
function pauseAfter(outcome: StartOutcome | undefined, { attempts }: InboxEntry): number {
  return outcome === 'refused' ? Math.min(attempts * REFUSED_PAUSE, LONGEST_REFUSED_PAUSE) : 0;
}
