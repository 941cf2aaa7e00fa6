import { setTimeout as pause } from 'node:timers/promises';
import type { Workflow, WorkflowHandle } from '@temporalio/client';
import type { RunningWorkflows } from '../workflows/running-workflows';

/** Ways that workflows can go, by the name of their history. Each is played until its workflow has ended. */
export type Scenarios = Readonly<Record<string, (site: RunningWorkflows) => Promise<WorkflowHandle>>>;

/** A workflow when it has ended, well or badly. */
export async function played<Type extends Workflow>(
  starting: Promise<WorkflowHandle<Type>> | WorkflowHandle<Type>,
): Promise<WorkflowHandle> {
  const workflow = await starting;
  await workflow.result().catch(() => undefined);
  return workflow;
}

/** Resolves when the workflow has asked an activity to end. The test server does not bear that it has ended by then. */
export async function untilItCancels(workflow: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  for (;;) {
    const { events } = await workflow.fetchHistory();
    if (events?.some((event) => event.activityTaskCancelRequestedEventAttributes)) return;
    await pause(10);
  }
}
