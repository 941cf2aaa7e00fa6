import { createDatabase } from '../support/postgres';
import { installClock } from './clock';
import { connectTo, type Connections } from './connections';
import { keptSchedules } from './kept';
import { MUTANTS, mutantStatement } from './mutants';
import { runOnce } from './run-once';
import type { Schedule } from './schedule';

/** A sample of what `npm run interleave` does, and that it would notice. */
describe('real activities whose calls are issued in any order', () => {
  const opened: Connections[] = [];
  beforeAll(() => installClock());
  afterAll(() => Promise.all(opened.map((connections) => connections.close())));

  async function connect(...statements: readonly string[]): Promise<Connections> {
    const connections = await connectTo(await createDatabase(), statements);
    opened.push(connections);
    return connections;
  }

  async function violationsOf(connections: Connections, schedules: readonly Schedule[]): Promise<string[]> {
    for (const schedule of schedules) {
      const { violations } = await runOnce(schedule, connections);
      if (violations.length > 0) return violations.map((violation) => `seed ${schedule.seed}: ${violation}`);
    }
    return [];
  }

  it('neither abandon unsafe archives nor contradict confirmed orders', async () => {
    const seeds = Array.from({ length: 12 }, (_, index) => ({ seed: String(index + 1) }));
    await expect(violationsOf(await connect(), [...keptSchedules(), ...seeds])).resolves.toEqual([]);
  });

  it('run in the same order when a schedule is repeated', async () => {
    const connections = await connect();
    const first = await runOnce({ seed: '3' }, connections);
    const again = await runOnce({ seed: '3', draws: first.draws }, connections);
    expect(again.steps).toEqual(first.steps);
    expect(again.steps.length).toBeGreaterThan(20);
  });

  it.each(MUTANTS)('fail the check with the mutant "$name" and its kept schedule', async (mutant) => {
    const kept = keptSchedules().filter(({ name }) => name === mutant.name);
    const connections = await connect(mutantStatement(mutant));
    await expect(violationsOf(connections, kept)).resolves.not.toEqual([]);
  });
});
