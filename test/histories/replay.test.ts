import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import * as workflows from '../../src/workflows';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import { CLAIM_SCENARIOS } from './claim-scenarios';
import { LONG_SCENARIOS, SCHEDULE_SCENARIOS } from './schedule-scenarios';

interface RecordedHistory {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: {
      readonly workflowId: string;
      readonly workflowType: { readonly name: string };
    };
  }[];
}

const names = Object.keys({ ...CLAIM_SCENARIOS, ...SCHEDULE_SCENARIOS, ...LONG_SCENARIOS }).sort();

function textOf(name: string): string {
  return readFileSync(join(__dirname, `${name}.json`), 'utf8');
}

function startOf({ events }: RecordedHistory) {
  const start = events[0]?.workflowExecutionStartedEventAttributes;
  if (start === undefined) throw new Error('The history has no start.');
  return start;
}

describe('a committed history', () => {
  let workflowBundle: WorkflowBundle;
  beforeAll(async () => {
    quietSdk();
    workflowBundle = await bundleWorkflows();
  });

  async function replay(text: string): Promise<void> {
    const history = JSON.parse(text) as RecordedHistory;
    await Worker.runReplayHistory({ workflowBundle }, history, startOf(history).workflowId);
  }

  it('exists for every scenario, and for nothing else', () => {
    const files = readdirSync(__dirname).filter((file) => file.endsWith('.json'));
    expect(files.map((file) => file.slice(0, -'.json'.length)).sort()).toEqual(names);
  });

  it('exists of every workflow', () => {
    const types = new Set(
      names.map((name) => startOf(JSON.parse(textOf(name)) as RecordedHistory).workflowType.name),
    );
    expect([...types].sort()).toEqual(Object.keys(workflows).sort());
  });

  it.each(names)('replays: %s', async (name) => {
    await expect(replay(textOf(name))).resolves.toBeUndefined();
  });

  it('is noticed when the workflow would do something else', async () => {
    const changed = textOf('claim-abandoned').replaceAll('"downloadArchive"', '"downloadFile"');
    await expect(replay(changed)).rejects.toThrow(/nondeterminism/i);
  });
});
