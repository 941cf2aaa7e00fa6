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
      readonly originalExecutionRunId: string;
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

function historyOf(text: string) {
  const history = JSON.parse(text) as RecordedHistory;
  return { history, workflowId: startOf(history).workflowId };
}

describe('a committed history', () => {
  let workflowBundle: WorkflowBundle;
  /** By run id, what the replay of each history failed with. */
  const replayed = new Map<string, Error | undefined>();
  beforeAll(async () => {
    quietSdk();
    workflowBundle = await bundleWorkflows();
    const all = names.map((name) => historyOf(textOf(name)));
    // One worker for all of them: to start one takes longer than to replay a history.
    for await (const { runId, error } of Worker.runReplayHistories({ workflowBundle }, all))
      replayed.set(runId, error);
  });

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

  it.each(names)('replays: %s', (name) => {
    const { originalExecutionRunId } = startOf(JSON.parse(textOf(name)) as RecordedHistory);
    expect([...replayed.keys()]).toContain(originalExecutionRunId);
    expect(replayed.get(originalExecutionRunId)).toBeUndefined();
  });

  it('is noticed when the workflow would do something else', async () => {
    const changed = textOf('claim-abandoned').replaceAll('"downloadArchive"', '"downloadFile"');
    const { history, workflowId } = historyOf(changed);
    const replay = Worker.runReplayHistory({ workflowBundle }, history, workflowId);
    await expect(replay).rejects.toThrow(/nondeterminism/i);
  });
});
