import type { WorkerOptions } from '@temporalio/worker';

/**
 * Worker versioning where the deployment names a version, as Temporal's Kubernetes worker controller does: a claim stays on
 * the version that began it, so that a roll-out cannot change a running claim.
 */
export function versioning(
  env: Readonly<Record<string, string | undefined>>,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  const { TEMPORAL_DEPLOYMENT_NAME: deploymentName, TEMPORAL_WORKER_BUILD_ID: buildId } = env;
  if (!deploymentName || !buildId) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
