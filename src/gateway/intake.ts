import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { ArchiveKey } from '../domain/ids';
import type { Ledger } from '../ledger/ledger';
import { announce, startClaim } from '../temporal/start-claim';

/** Milliseconds that Temporal is given: the platform waits for 3 s in all. */
const TEMPORAL_DEADLINE = 1_500;

export type Acceptance = 'accepted' | 'duplicate' | 'unavailable';

/** Takes a notification in: what it answers is durable. */
export type Intake = (key: ArchiveKey) => Promise<Acceptance>;

export function createIntake(client: Client, ledger: Ledger): Intake {
  return async (key) => {
    try {
      return await client.withDeadline(Date.now() + TEMPORAL_DEADLINE, async () => {
        if ((await startClaim(client, key)) === 'started') return 'accepted';
        await wakeIfWaiting(key);
        return 'duplicate';
      });
    } catch (error) {
      if (isGrpcServiceError(error)) return 'unavailable';
      throw error;
    }
  };

  /** Only a claim that waits has anything to gain from being told again; each signal costs it four events. */
  async function wakeIfWaiting(key: ArchiveKey): Promise<void> {
    try {
      const entry = await ledger.find(key);
      if (entry?.state === 'waiting' || entry?.state === 'attention') await announce(client, key);
    } catch {
      // The claim exists and asks the platform by itself; waking it is a kindness.
    }
  }
}
