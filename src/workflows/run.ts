import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { VersioningBehavior, WorkflowDefinitionOptions } from '@temporalio/common';
import { searchAttributesOf, type ClaimAttributes } from '../domain/search-attributes';

/**
 * Where executions continue after workers of a new version start: on their old version (`PINNED`), or on the new one. Only
 * for `setWorkflowOptions`. A worker outside of a versioned deployment must not set this: Temporal refuses its responses.
 */
export function versioned(versioningBehavior: VersioningBehavior): () => WorkflowDefinitionOptions {
  return () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior } : {});
}

/** Whether a workflow should continue as new: it has `events` events, or Temporal suggests it. Temporal ends a run at 51,200. */
export function isHistoryLong(events: number): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength >= events;
}

/** Updates the search attributes that have changed: each update costs an event. */
export function publish(attributes: ClaimAttributes): void {
  const { typedSearchAttributes: published } = workflowInfo();
  const news = searchAttributesOf(attributes).filter(
    ({ key, value }) => published.get(key)?.toString() !== value.toString(),
  );
  if (news.length > 0) upsertSearchAttributes(news);
}
