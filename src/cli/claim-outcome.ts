import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ClaimInput, ClaimResult } from '../domain/claim';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';
import { say, sayJson } from './output';

/** What the workflow looks like from here. */
type Claiming = (input: ClaimInput) => Promise<ClaimResult>;

/** Waits until a claim has ended, and prints how. @throws Error that says why, where it did not succeed */
export async function showOutcome(client: Client, key: ArchiveKey, json: boolean | undefined): Promise<void> {
  try {
    const result = await client.workflow.getHandle<Claiming>(claimWorkflowId(key)).result();
    if (json) sayJson({ ...key, ...result });
    else say(`${key.archiveId}  ${result.state}  ${result.location}`);
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const why =
      error.cause instanceof ApplicationFailure
        ? `${error.cause.type ?? ''}: ${error.cause.message}`
        : 'it was cancelled or terminated.';
    throw new Error(`${key.archiveId} was not claimed. ${why}`, { cause: error });
  }
}
