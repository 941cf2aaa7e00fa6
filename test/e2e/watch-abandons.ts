import { join } from 'node:path';
import type { SimulatorClient } from '../../src/simulator';
import { checkBag } from '../support/check-bag';
import type { Rules } from './proxy';
import { sha256Of } from './sha256';

/**
 * Stops every abandon on its way to the platform and looks into the store: at this moment all archives that it would make
 * deletable must be whole in their bags. What is wrong goes to `found`. Else the proxy keeps to `rules`.
 */
export function watchAbandons(
  rules: Rules,
  simulator: SimulatorClient,
  bagOf: (archiveId: string) => string,
  found: string[],
): Rules {
  return {
    async onRequest(passing) {
      if (passing.endpoint === 'abandon') {
        for (const archiveId of await archivesOf(simulator, passing.id))
          found.push(...(await problemsOf(simulator, bagOf(archiveId), archiveId)));
      }
      return await rules.onRequest?.(passing);
    },
    onAnswer: async (passing, answer) => await rules.onAnswer?.(passing, answer),
    get slowness() {
      return rules.slowness;
    },
  };
}

async function archivesOf(simulator: SimulatorClient, conferenceId: string): Promise<readonly string[]> {
  const entries = await simulator.journal({ kind: 'status', conferenceId });
  return [...new Set(entries.flatMap((entry) => (entry.kind === 'status' ? [entry.archiveId] : [])))];
}

async function problemsOf(simulator: SimulatorClient, bag: string, archiveId: string): Promise<string[]> {
  const { sha256 } = await simulator.archive(archiveId);
  const found = await sha256Of(join(bag, 'data', 'archive.zip')).catch(() => 'missing');
  const problems = [...(await checkBag(bag)), ...(found === sha256 ? [] : [`the copy is ${found}`])];
  return problems.map((problem) => `${archiveId}: ${problem}`);
}
