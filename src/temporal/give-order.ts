import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import type { ClaimProgress } from '../domain/claim';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';
import type { Decision, Extension, Order } from '../domain/orders';

/** Milliseconds that a claim is given to answer: one that is held waits until an abandon that is under way has ended. */
const PATIENCE = 150_000;

/** Thrown when a claim refused an order; the message is the claim's. */
export class OrderRefusedError extends Error {
  override readonly name = 'OrderRefusedError';
}

/** What can be ordered, by the name of the update, and what it takes. */
export interface OrderInputs {
  readonly decide: Decision;
  readonly extendDeadline: Extension;
  readonly hold: Order;
  readonly release: Order;
}

/**
 * Gives an order to the claim of an archive that runs.
 * @returns what the claim says afterwards; `undefined` where none runs
 * @throws {@link OrderRefusedError}; Error where the claim did not answer in time: the order may be obeyed all the same
 */
export async function giveOrder<Name extends keyof OrderInputs>(
  client: Client,
  key: ArchiveKey,
  name: Name,
  input: OrderInputs[Name],
): Promise<ClaimProgress | undefined> {
  const handle = client.workflow.getHandle(claimWorkflowId(key));
  try {
    return await client.withDeadline(Date.now() + PATIENCE, () =>
      handle.executeUpdate<ClaimProgress, [OrderInputs[Name]]>(name, { args: [input] }),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (error instanceof WorkflowUpdateFailedError) {
      throw new OrderRefusedError(error.cause?.message ?? error.message, { cause: error });
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw unanswered(key, error);
    throw error;
  }
}

function unanswered({ archiveId }: ArchiveKey, cause: Error): Error {
  return new Error(
    `The claim of archive ${archiveId} has not answered yet. It may obey all the same: \`archivist status ${archiveId}\` tells. Do a worker and the ledger run?`,
    { cause },
  );
}
