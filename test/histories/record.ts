// Records the histories that every later version of the workflows must still replay: `npx tsx test/histories/record.ts`.
// It never overwrites one. A change of behaviour adds a scenario under a new name, and the name to `manifest.json`.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { startTimeLapse, startWithShortRuns, type RunningWorkflows } from '../workflows/running-workflows';
import { CLAIM_SCENARIOS } from './claim-scenarios';
import type { Scenarios } from './scenario';
import { LONG_SCENARIOS, SCHEDULE_SCENARIOS, SHORT_RUN } from './schedule-scenarios';

async function record(): Promise<void> {
  await recordMissing({ ...CLAIM_SCENARIOS, ...SCHEDULE_SCENARIOS }, startTimeLapse);
  await recordMissing(LONG_SCENARIOS, () => startWithShortRuns(SHORT_RUN));
}

async function recordMissing(scenarios: Scenarios, start: () => Promise<RunningWorkflows>): Promise<void> {
  const missing = Object.entries(scenarios).filter(([name]) => !existsSync(fileOf(name)));
  for (const [name, play] of missing) {
    // One for each: the server skips no more time once a child has outlived its parent.
    const site = await start();
    try {
      const workflow = await play(site);
      const history = await workflow.fetchHistory();
      // The test server leaves it out, and the workflows compare their input with it.
      const start = history.events?.[0]?.workflowExecutionStartedEventAttributes;
      if (start) start.workflowId = workflow.workflowId;
      const recorded = JSON.parse(historyToJSON(history)) as { readonly events: readonly unknown[] };
      writeFileSync(fileOf(name), eventALine(recorded.events.map(impersonal)));
      process.stdout.write(`${name}\n`);
    } finally {
      await site.close();
    }
  }
}

function fileOf(name: string): string {
  return join(__dirname, 'recorded', `${name}.json`);
}

/** One event a line: what a change of a history changes can be read. */
function eventALine(events: readonly unknown[]): string {
  return `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}

/** Without what belongs to the machine that recorded it. */
function impersonal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(impersonal);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'stackTrace' && key !== 'identity');
  return Object.fromEntries(kept.map(([key, inner]) => [key, impersonal(inner)]));
}

record().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : 'failed'}\n`);
  process.exitCode = 1;
});
