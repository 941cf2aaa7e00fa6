import { workflowInfo } from '@temporalio/workflow';
import type { VersioningBehavior, WorkflowDefinitionOptions } from '@temporalio/common';

/**
 * How executions go on when workers of a new version come: on the version that began them (`PINNED`), or on the new one. Only for
 * `setWorkflowOptions`. A worker that belongs to no versioned deployment must not say it: Temporal refuses its answers.
 */
export function versioned(versioningBehavior: VersioningBehavior): () => WorkflowDefinitionOptions {
  return () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior } : {});
}
