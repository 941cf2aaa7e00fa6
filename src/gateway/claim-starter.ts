import type { Client } from '@temporalio/client';
import type { FastifyBaseLogger } from 'fastify';
import { errorCode } from '../domain/error-code';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';
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
  /**
   * Starts a claim, within `deadline` milliseconds. Of many, each takes its first step at its turn. Where a start of the same claim is
   * under way, nothing is sent: its outcome is waited for, however long it may take.
   */
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
  /** By workflow id. */
  const underWay = new Map<string, Promise<StartOutcome>>();
  return {
    isDown: () => circuit.isOpen(),
    isWorthATry: () => circuit.allows(),

    async start(key, deadline) {
      const id = claimWorkflowId(key);
      const same = underWay.get(id);
      if (same) return afterTheSame(await same);
      const start = tryToStart(key, deadline).finally(() => underWay.delete(id));
      underWay.set(id, start);
      return await start;
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
    const outcome = await startAtItsTurn(key, deadline);
    circuit.note(outcome !== 'silent');
    // After silence nobody knows whether a claim has the turn.
    if (outcome === 'duplicate' || outcome === 'refused') pace.giveBack();
    return outcome;
  }

  async function startAtItsTurn(key: ArchiveKey, deadline: number): Promise<StartOutcome> {
    const wait = pace.next();
    try {
      return await client.withDeadline(Date.now() + deadline, () => startClaim(client, key, wait));
    } catch (error) {
      const code = grpcErrorIn(error)?.code ?? errorCode(error);
      log.warn({ ...key, code }, 'Temporal did not take the claim');
      return isSilence(error) ? 'silent' : 'refused';
    }
  }
}

function afterTheSame(outcome: StartOutcome): StartOutcome {
  return outcome === 'started' ? 'duplicate' : outcome;
}
