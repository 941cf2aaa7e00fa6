// Records the histories that every later version of the workflows must still replay: `npx tsx test/histories/record.ts`.
// It never overwrites one. Until the first release, a history that a change breaks is deleted and recorded anew.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { startTimeLapse } from '../workflows/running-workflows';
import { SCENARIOS } from './scenarios';

async function record(): Promise<void> {
  const missing = Object.entries(SCENARIOS).filter(([name]) => !existsSync(fileOf(name)));
  for (const [name, play] of missing) {
    // One for each: the server skips no more time once a child has outlived its parent.
    const lapse = await startTimeLapse();
    try {
      const workflow = await play(lapse);
      const history: unknown = JSON.parse(historyToJSON(await workflow.fetchHistory()));
      writeFileSync(fileOf(name), `${JSON.stringify(impersonal(history), null, 1)}\n`);
      process.stdout.write(`${name}\n`);
    } finally {
      await lapse.close();
    }
  }
}

function fileOf(name: string): string {
  return join(__dirname, `${name}.json`);
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
