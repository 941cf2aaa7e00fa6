import { randomUUID } from 'node:crypto';
import {
  ActivityFailure,
  ApplicationFailure,
  isGrpcDeadlineError,
  WorkflowFailedError,
  type Client,
} from '@temporalio/client';
import type { TenantId } from '../domain/ids';
import { SUBSCRIPTION_WORKFLOWS, type SubscriptionsInput } from '../domain/subscriptions';
import { TASK_QUEUES } from '../domain/task-queues';

/** Milliseconds that a worker is given. */
const PATIENCE = 90_000;

/**
 * Has a worker do something with a tenant's subscriptions, and gives its answer. A worker does it since it has the ledger open, which
 * may serve one process only.
 * @throws Error with the failure's type and what the worker said, or where none answered
 */
export async function askSubscriptions<Answer>(
  client: Client,
  command: Exclude<keyof typeof SUBSCRIPTION_WORKFLOWS, 'rotate' | 'watch'>,
  tenant: TenantId,
  input: Omit<SubscriptionsInput, 'tenant'> & Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  try {
    return await client.withDeadline(Date.now() + PATIENCE, () =>
      client.workflow.execute<(input: object) => Promise<Answer>>(SUBSCRIPTION_WORKFLOWS[command], {
        args: [{ tenant, ...input }],
        taskQueue: TASK_QUEUES.claims,
        // One registration at a time; whoever comes second gets the first one's answer.
        workflowId: `webhook-${command}:${tenant}${command === 'register' ? '' : `:${randomUUID()}`}`,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowExecutionTimeout: PATIENCE,
        staticSummary: `archivist webhook ${command}: ${tenant}`,
      }),
    );
  } catch (error) {
    throw explainedFailure(error);
  }
}

/** What the step that failed said, in place of Temporal's wrapping. */
export function explainedFailure(error: unknown): unknown {
  if (error instanceof WorkflowFailedError) {
    const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause;
    if (cause instanceof ApplicationFailure)
      return new Error(`${cause.type ?? 'Failure'}: ${cause.message}`, { cause: error });
    return noAnswer(error);
  }
  return isGrpcDeadlineError(error) ? noAnswer(error) : error;
}

function noAnswer(cause: unknown): Error {
  return new Error('No worker has answered. Does one run, `archivist worker` or `archivist up`?', { cause });
}
