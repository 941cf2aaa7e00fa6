import { setTimeout as pause } from 'node:timers/promises';
import type { ArchiveId, ArchiveKey } from '../../domain/ids';
import type { AbandonAnswer, AbandonRequest } from '../../platform/abandon';
import type { Dependencies } from '../dependencies';
import { noteToldMembers, unconfirmed } from './members';

/** Milliseconds until the records are read again: at first, and at most. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** Milliseconds that one reading of records may take. */
const LONGEST_READING_MS = 10_000;
/** Milliseconds after which a request that was not sent is prepared again. */
const UNSENT_PAUSE_MS = 1_000;

/** The span in which an authorised request may be sent, by the monotonic and by the wall clock, as either may stop. */
export class Lease {
  readonly #begun = { monotonic: performance.now(), wall: Date.now() };

  constructor(readonly ms: number) {}

  get isRunning(): boolean {
    return performance.now() - this.#begun.monotonic < this.ms && Date.now() - this.#begun.wall < this.ms;
  }
}

/** A request that `intend` authorised. */
export interface Flight {
  readonly id: string;
  readonly key: ArchiveKey;
  readonly members: readonly ArchiveId[];
  /** Begun before the intent. */
  readonly lease: Lease;
  /** Runs while the records that the intent relies on are fresh enough. */
  readonly records: Lease;
}

/**
 * Sends the authorised request once, and reads the members' records until they show it or the lease ends. A timeout, a reset, a
 * 5xx answer, or a 2xx answer without effect decide nothing: the flight stays open then.
 *
 * @param answerMs how long to wait for an answer before reading the records
 * @throws ArchivistError `AbandonUnconfirmed` unless the archive's own record shows it; `CredentialsRejected`
 */
export async function sendAbandon(
  dependencies: Pick<Dependencies, 'platformOf' | 'ledger' | 'expiry'>,
  flight: Flight,
  request: AbandonRequest,
  answerMs: number,
): Promise<void> {
  const { id, key, lease, records, members } = flight;
  let answer: AbandonAnswer | undefined;
  const answered = request.send(() => lease.isRunning && records.isRunning).then((given) => (answer = given));
  await Promise.race([answered, pause(answerMs, undefined, { ref: false })]);

  const untold = new Set(members);
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)) {
    await endIfWithoutEffect();
    const signal = AbortSignal.timeout(LONGEST_READING_MS);
    const { told } = await noteToldMembers(dependencies, key.tenant, [...untold], signal);
    for (const archiveId of told) untold.delete(archiveId);
    if (untold.size === 0) return;
    if (!lease.isRunning) break;
    await pause(waitMs);
  }
  if (!untold.has(key.archiveId)) return;
  const retryAfterMs = answer?.outcome === 'open' ? answer.retryAfterMs : undefined;
  throw unconfirmed(key, 'the record does not show it', retryAfterMs);

  /** Only the owner knows that a request can have no effect: no byte was written, or the platform refused it. */
  async function endIfWithoutEffect(): Promise<void> {
    if (answer === undefined || answer.outcome === 'open') return;
    await dependencies.ledger.endFlight(id, answer.outcome);
    throw answer.outcome === 'refused'
      ? answer.failure
      : unconfirmed(key, 'the request could not be sent', UNSENT_PAUSE_MS);
  }
}
