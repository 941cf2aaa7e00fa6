// Builds dist/: the compiled sources, the migrations, and the workflow bundle that workers load.
const { execFileSync } = require('node:child_process');
const { cpSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const dist = join(root, 'dist');

async function build() {
  rmSync(dist, { recursive: true, force: true });
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  cpSync(join(root, 'src', 'ledger', 'migrations'), join(dist, 'ledger', 'migrations'), { recursive: true });
  await bundleWorkflows();
}

/** Decision 0031: it stands on the first line, since the SDK freezes `Error` before it loads a workflow, and the source map counts lines. */
const FEWER_FRAMES = 'Error.stackTraceLimit = 2;';

async function bundleWorkflows() {
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows', 'index.js'),
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(join(dist, 'workflow-bundle.js'), FEWER_FRAMES + code);
}

build().catch((error) => {
  console.error(error);
  process.exit(1);
});
