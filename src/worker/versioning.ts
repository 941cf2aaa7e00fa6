import type { WorkerOptions } from '@temporalio/worker';

/**
 * Worker versioning if the deployment names a version, as Temporal's Kubernetes worker controller does. Claims say for themselves
 * that they stay on the version that began them, so that a roll-out cannot change a running claim; everything else goes on under
 * the new version, so that an old one can be stopped when its claims have ended.
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
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
