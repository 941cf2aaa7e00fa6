import type { Client } from '@temporalio/client';
import type { Claims } from '../activities/claims';
import type { StartOutcome } from '../domain/start-outcome';
import { isSilence } from '../temporal/grpc-error';
import { announce, startClaim, startClaimAnew } from '../temporal/start-claim';

/** Claims on a real Temporal, for activities. @param patience milliseconds that Temporal is given for one call */
export function claimsOn(client: Client, patience = 5_000): Claims {
  return {
    start: (key, startDelay) => outcomeOf(() => startClaim(client, key, startDelay)),
    startAnew: (key, startDelay) => outcomeOf(() => startClaimAnew(client, key, startDelay)),
    async wake(key) {
      // The claim exists and asks the platform by itself; waking it is a kindness.
      await promptly(() => announce(client, key)).catch(() => undefined);
    },
  };

  async function outcomeOf(start: () => Promise<'started' | 'duplicate'>): Promise<StartOutcome> {
    try {
      return await promptly(start);
    } catch (error) {
      return isSilence(error) ? 'silent' : 'refused';
    }
  }

  function promptly<Result>(call: () => Promise<Result>): Promise<Result> {
    return client.withDeadline(Date.now() + patience, call);
  }
}
