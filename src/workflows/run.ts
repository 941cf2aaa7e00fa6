import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { VersioningBehavior, WorkflowDefinitionOptions } from '@temporalio/common';
import { searchAttributesOf, type ClaimAttributes } from '../domain/search-attributes';

/**
 * How executions go on when workers of a new version come: on the version that began them (`PINNED`), or on the new one. Only for
 * `setWorkflowOptions`. A worker that belongs to no versioned deployment must not say it: Temporal refuses its answers.
 */
export function versioned(versioningBehavior: VersioningBehavior): () => WorkflowDefinitionOptions {
  return () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior } : {});
}

/** Whether a workflow should go on in a new run: it has `events` events, or Temporal suggests it. Temporal ends a run of 51,200. */
export function isHistoryLong(events: number): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength >= events;
}

/** Brings the search attributes up to date, if they are not: each change costs an event. */
export function publish(attributes: ClaimAttributes): void {
  const { typedSearchAttributes: published } = workflowInfo();
  const news = searchAttributesOf(attributes).filter(
    ({ key, value }) => published.get(key)?.toString() !== value.toString(),
  );
  if (news.length > 0) upsertSearchAttributes(news);
}
