import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import { SCENARIOS } from './scenarios';

const histories = readdirSync(__dirname).filter((file) => file.endsWith('.json'));

describe('a committed history', () => {
  let workflowBundle: WorkflowBundle;
  beforeAll(async () => {
    quietSdk();
    workflowBundle = await bundleWorkflows();
  });

  it('exists for every scenario', () => {
    expect(histories).toEqual(expect.arrayContaining(Object.keys(SCENARIOS).map((name) => `${name}.json`)));
  });

  it.each(histories)('replays: %s', async (file) => {
    const history: unknown = JSON.parse(readFileSync(join(__dirname, file), 'utf8'));
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();
  });

  it('is noticed when the workflow would do something else', async () => {
    const text = readFileSync(join(__dirname, 'v1-abandoned.json'), 'utf8').replaceAll(
      '"downloadArchive"',
      '"downloadFile"',
    );
    await expect(Worker.runReplayHistory({ workflowBundle }, JSON.parse(text))).rejects.toThrow(
      /nondeterminism/i,
    );
  });
});
