import { migrate } from '../../src/ledger/schema';
import { openPostgres } from '../../src/ledger/postgres';
import { createDatabase } from '../support/postgres';
import { installClock } from './clock';
import { Connections } from './connections';
import { MUTANTS, mutantStatement } from './mutants';
import { runOnce } from './run-once';

/** A sample of what `npm run interleave` does, and that it would notice. */
describe('real activities whose calls are issued in any order', () => {
  const opened: Connections[] = [];
  beforeAll(() => installClock());
  afterAll(() => Promise.all(opened.map((connections) => connections.close())));

  async function connect(...statements: readonly string[]): Promise<Connections> {
    const url = await createDatabase();
    const setUp = openPostgres(url);
    await migrate(setUp);
    for (const statement of statements) await setUp.query(statement);
    await setUp.close();
    const connections = new Connections(url);
    opened.push(connections);
    return connections;
  }

  async function violationsOf(connections: Connections, first: number, runs: number): Promise<string[]> {
    const all: string[] = [];
    for (let seed = first; seed < first + runs && all.length === 0; seed += 1) {
      const { violations } = await runOnce(String(seed), connections);
      all.push(...violations.map((violation) => `seed ${seed}: ${violation}`));
    }
    return all;
  }

  it('neither abandon what is unsafe nor overrule what people were told', async () => {
    await expect(violationsOf(await connect(), 1, 12)).resolves.toEqual([]);
  });

  it.each(['no run fence', 'hold unchecked', 'hold in one statement', "no members' lock at an insert"])(
    'do so with the mutant "%s"',
    async (name) => {
      const mutant = MUTANTS.find((one) => one.name === name);
      const connections = await connect(mutantStatement(mutant!));
      await expect(violationsOf(connections, 1, 15)).resolves.not.toEqual([]);
    },
  );

  it.each(MUTANTS)('has the function that the mutant "$name" changes', (mutant) => {
    expect(mutantStatement(mutant)).toContain('CREATE OR REPLACE FUNCTION');
  });
});
