import { workflowInfo } from '@temporalio/workflow';

/** Whether a workflow should go on in a new run: it has `events` events, or Temporal suggests it. Temporal ends a run of 51,200. */
export function isHistoryLong(events: number): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength >= events;
}
