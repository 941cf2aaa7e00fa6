import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { FastifyBaseLogger } from 'fastify';
import { errorCode } from '../domain/error-code';
import type { ArchiveKey } from '../domain/ids';
import type { Ledger } from '../ledger/ledger';
import { grpcErrorIn } from '../temporal/grpc-error';
import { announce, startClaim } from '../temporal/start-claim';

/** Milliseconds that Temporal is given: the platform waits for 3 s in all. */
const TEMPORAL_DEADLINE = 1_500;
/** Milliseconds that waking a claim may take after that. */
const WAKE_DEADLINE = 1_000;

export type Acceptance = 'accepted' | 'duplicate' | 'unavailable';

/** Takes a notification in: what it answers is durable. */
export type Intake = (key: ArchiveKey) => Promise<Acceptance>;

export function createIntake(client: Client, ledger: Ledger, log: FastifyBaseLogger): Intake {
  return async (key) => {
    try {
      const outcome = await client.withDeadline(Date.now() + TEMPORAL_DEADLINE, () =>
        startClaim(client, key),
      );
      if (outcome === 'started') return 'accepted';
    } catch (error) {
      log.warn(
        { ...key, code: grpcErrorIn(error)?.code ?? errorCode(error) },
        'Temporal did not take the claim',
      );
      return 'unavailable';
    }
    await Promise.race([wakeIfWaiting(key), sleep(WAKE_DEADLINE, undefined, { ref: false })]);
    return 'duplicate';
  };

  /** Only a claim that waits has anything to gain from being told again; each wake costs it ten events. */
  async function wakeIfWaiting(key: ArchiveKey): Promise<void> {
    try {
      const entry = await ledger.find(key);
      if (entry?.state !== 'waiting' && entry?.state !== 'attention') return;
      await client.withDeadline(Date.now() + WAKE_DEADLINE, () => announce(client, key));
    } catch {
      // The claim exists and asks the platform by itself; waking it is a kindness.
    }
  }
}
