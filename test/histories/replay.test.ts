import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import * as workflows from '../../src/workflows';
import { SCENARIOS } from './scenarios';

const histories = readdirSync(__dirname).filter((file) => file.endsWith('.json'));

describe('a committed history', () => {
  let workflowBundle: WorkflowBundle;
  beforeAll(async () => {
    quietSdk();
    workflowBundle = await bundleWorkflows();
  });

  it('exists for every scenario, and for nothing else', () => {
    expect([...histories].sort()).toEqual(
      Object.keys(SCENARIOS)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  it('exists for every registered workflow', () => {
    const recorded = histories.map((file) => workflowTypeIn(readFileSync(join(__dirname, file), 'utf8')));
    expect([...new Set(recorded)].sort()).toEqual(Object.keys(workflows).sort());
  });

  it.each(histories)('replays: %s', async (file) => {
    const history: unknown = JSON.parse(readFileSync(join(__dirname, file), 'utf8'));
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();
  });

  it('is noticed when the workflow would do something else', async () => {
    const text = readFileSync(join(__dirname, 'claim-abandoned.json'), 'utf8').replaceAll(
      '"downloadArchive"',
      '"downloadFile"',
    );
    await expect(Worker.runReplayHistory({ workflowBundle }, JSON.parse(text))).rejects.toThrow(
      /nondeterminism/i,
    );
  });
});

function workflowTypeIn(history: string): string | undefined {
  const { events } = JSON.parse(history) as {
    readonly events: readonly {
      readonly workflowExecutionStartedEventAttributes?: { readonly workflowType: { readonly name: string } };
    }[];
  };
  return events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;
}
