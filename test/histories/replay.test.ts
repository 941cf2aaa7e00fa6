import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { ClaimResult } from '../../src/domain/claim';
import type { RepairResult } from '../../src/domain/sweep';
import * as workflows from '../../src/workflows';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import manifestFile from './manifest.json';
import { historyOf, recordedNames, textOf } from './recorded-history';

const manifest: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = manifestFile;
const entries = Object.entries(manifest).flatMap(([type, ends]) =>
  Object.entries(ends).flatMap(([end, names]) => names.map((name) => ({ name, type, end }))),
);

/** What a workflow can return. */
const RESULTS = {
  claimArchive: ['secured', 'abandoned', 'closed'] satisfies ClaimResult['state'][],
  repairCopy: ['repaired', 'whole', 'lost', 'claimed'] satisfies RepairResult['outcome'][],
  reconcileTenant: ['completed'],
  rotateCallback: ['completed'],
  sweepCopies: ['completed'],
} satisfies Record<keyof typeof workflows, readonly string[]>;

/** Every way that a workflow can end: what it returns, what its comment says that it throws, and how the code ends it besides. */
function waysOf(type: keyof typeof workflows): string[] {
  const source = sourceOf(type);
  const [, comment = ''] = /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport async function/.exec(source) ?? [];
  const [, thrown = ''] = comment.split('@throws');
  const failures = [...thrown.matchAll(/`(\w+)`/g)].map(([, failure]) => failure!);
  const others = [
    ...(source.includes('continueAsNew<') ? ['continuedAsNew'] : []),
    ...(source.includes('isCancellation') ? ['cancelled'] : []),
  ];
  return [...RESULTS[type], ...failures, ...others].sort();
}

function sourceOf(type: string): string {
  const folder = resolve(__dirname, '../../src/workflows');
  const texts = readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  return texts.find((text) => text.includes(`export async function ${type}(`))!;
}

/** The bundle of the build if `ARCHIVIST_TEST_BUNDLE` names it, else one that is made of the sources. */
async function workflowCode(): Promise<WorkflowBundleOption> {
  const built = process.env['ARCHIVIST_TEST_BUNDLE'];
  return built === undefined ? await bundleWorkflows() : { codePath: resolve(built) };
}

describe('the manifest of the histories', () => {
  it('contains every workflow', () => {
    expect(Object.keys(manifest).sort()).toEqual(Object.keys(workflows).sort());
  });

  it.each(Object.keys(workflows) as (keyof typeof workflows)[])('lists every way that %s can end', (type) => {
    for (const [end, names] of Object.entries(manifest[type]!))
      expect({ end, names }).not.toEqual({ end, names: [] });
    expect(Object.keys(manifest[type]!)).toEqual(expect.arrayContaining(waysOf(type)));
  });

  it('names every history once', () => {
    expect(entries.map(({ name }) => name).sort()).toEqual(recordedNames());
  });

  it.each(entries)('records how $name ended', ({ name, type, end }) => {
    expect(historyOf(textOf(name))).toMatchObject({ type, end });
  });
});

describe('a committed history', () => {
  let workflowBundle: WorkflowBundleOption;
  /** By run id, what the replay of each history failed with. */
  const replayed = new Map<string, Error | undefined>();
  beforeAll(async () => {
    quietSdk();
    workflowBundle = await workflowCode();
    const all = recordedNames().map((name) => historyOf(textOf(name)));
    // One worker for all of them: to start one takes longer than to replay a history.
    for await (const { runId, error } of Worker.runReplayHistories({ workflowBundle }, all))
      replayed.set(runId, error);
  });

  it.each(recordedNames())('replays: %s', (name) => {
    const { runId } = historyOf(textOf(name));
    expect([...replayed.keys()]).toContain(runId);
    expect(replayed.get(runId)).toBeUndefined();
  });

  it('does not replay when the workflow has changed', async () => {
    const changed = textOf('claim-abandoned').replaceAll('"downloadArchive"', '"downloadFile"');
    const { history, workflowId } = historyOf(changed);
    const replay = Worker.runReplayHistory({ workflowBundle }, history, workflowId);
    await expect(replay).rejects.toThrow(/nondeterminism/i);
  });
});
