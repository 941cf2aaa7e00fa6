import type { Client } from '@temporalio/client';
import type { FastifyBaseLogger } from 'fastify';
import { errorCode } from '../domain/error-code';
import type { ArchiveKey } from '../domain/ids';
import { createPace, type PaceBounds } from '../domain/pace';
import type { StartOutcome } from '../domain/start-outcome';
import { gainsFromNews } from '../domain/states';
import type { Ledger } from '../ledger/ledger';
import { grpcErrorIn, isSilence } from '../temporal/grpc-error';
import { announce, startClaim } from '../temporal/start-claim';
import { createCircuit } from './circuit';

/** Temporal, as the gateway uses it. Nothing here rejects. */
export interface ClaimStarter {
  /** Whether Temporal was silent when it was last asked. */
  isDown(): boolean;
  /** Whether to start a claim now: while Temporal is down, twice a second, to find out whether it is back. */
  isWorthATry(): boolean;
  /** Starts a claim, within `deadline` milliseconds. Of many, each takes its first step at its turn. */
  start(key: ArchiveKey, deadline: number): Promise<StartOutcome>;
  /** Tells a claim that was started before that its archive was announced again, where it has anything to gain from that. */
  wake(key: ArchiveKey): Promise<void>;
}

/** Milliseconds between two tries while Temporal is down. */
const PAUSE = 500;
/** Milliseconds that waking a claim may take. */
const WAKE_DEADLINE = 1_000;

/** @param begin when the claims take their first step */
export function createClaimStarter(
  client: Client,
  ledger: Ledger,
  begin: PaceBounds,
  log: FastifyBaseLogger,
): ClaimStarter {
  const circuit = createCircuit(PAUSE);
  const pace = createPace(begin);
  return {
    isDown: () => circuit.isOpen(),
    isWorthATry: () => circuit.allows(),

    async start(key, deadline) {
      const outcome = await tryToStart(key, deadline);
      circuit.note(outcome !== 'silent');
      return outcome;
    },

    async wake(key) {
      try {
        if (!gainsFromNews((await ledger.find(key))?.state)) return;
        await client.withDeadline(Date.now() + WAKE_DEADLINE, () => announce(client, key));
      } catch {
        // The claim exists and asks the platform by itself; waking it is a kindness.
      }
    },
  };

  async function tryToStart(key: ArchiveKey, deadline: number): Promise<StartOutcome> {
    try {
      return await client.withDeadline(Date.now() + deadline, () => startClaim(client, key, pace.next()));
    } catch (error) {
      const code = grpcErrorIn(error)?.code ?? errorCode(error);
      log.warn({ ...key, code }, 'Temporal did not take the claim');
      return isSilence(error) ? 'silent' : 'refused';
    }
  }
}
