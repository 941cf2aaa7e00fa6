import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

/** Made by the build from `src/workflows`. */
const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');

/** The workflow code of a worker: the bundle of the build, or its sources where there was no build. */
export function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(BUNDLE)
    ? { workflowBundle: { codePath: BUNDLE } }
    : { workflowsPath: join(__dirname, '..', 'workflows') };
}
