import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';

const ROOT = resolve(__dirname, '../..');
const MODULES = join(ROOT, 'node_modules');
const SOURCES = join(ROOT, 'src');

/**
 * Bundles the workflow code from its sources, as the build does. Test files that use the same sources share one bundle, since
 * making it takes seconds: it is kept among the caches of node_modules.
 */
export async function bundleWorkflows(): Promise<{ readonly code: string }> {
  const kept = join(MODULES, '.cache/archivist', `workflows-${fingerprint()}.js`);
  if (!existsSync(kept)) {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(SOURCES, 'workflows'),
      logger: new DefaultLogger('WARN'),
    });
    const draft = `${kept}-${process.pid}`;
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(draft, code);
    renameSync(draft, kept);
  }
  return { code: readFileSync(kept, 'utf8') };
}

/** Of everything that a bundle is made from. */
function fingerprint(): string {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(MODULES, '@temporalio/workflow/package.json')));
  for (const folder of ['workflows', 'domain'])
    for (const file of readdirSync(join(SOURCES, folder), { encoding: 'utf8', recursive: true }).sort())
      if (file.endsWith('.ts')) hash.update(file).update(readFileSync(join(SOURCES, folder, file)));
  return hash.digest('hex');
}

/** Keeps the SDK from logging every failure that a test means to cause. */
export function quietSdk(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
    shutdownSignals: [],
  });
}
