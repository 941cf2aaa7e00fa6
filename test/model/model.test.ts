import { readFileSync } from 'node:fs';
import path from 'node:path';
import { explore } from './explore';
import { MUTANTS, type MutantName } from './mutants';
import { PROTOCOL, RULES } from './rules';
import { SCENARIOS, type ScenarioName } from './scenarios';

/** The small ones; `npx tsx test/model/run.ts` explores all. */
const SMALL: readonly ScenarioName[] = ['zombie', 'hold', 'B not secured', 'B failed', 'warning', 'restored'];
const QUICK: readonly MutantName[] = [
  'members unchecked',
  'hold unchecked',
  'failed fixity ignored',
  'warning ignored',
  'copy-only mode ignored',
  'FAILED taken for gone',
  'a restored file ignored',
  'old list accepted (securing)',
  'old list accepted (abandon order)',
  'rows judged without locks',
  "insert without the members' lock",
  'no run fence',
  'no attempt fence',
  'hold in one statement',
  'undecided answered as held',
  'owner withdraws when its request ended',
  'forged ids get rows',
];

describe('the model of the abandon', () => {
  it.each(SMALL)('holds in every interleaving of "%s"', (name) => {
    const { violation, trace, states } = explore(SCENARIOS[name], PROTOCOL);
    expect({ violation, trace }).toEqual({ violation: undefined, trace: undefined });
    expect(states).toBeGreaterThan(1);
  });

  it.each(QUICK)('is violated by a protocol with "%s"', (name) => {
    const { change, first } = MUTANTS[name];
    expect(explore(SCENARIOS[first], { ...PROTOCOL, ...change }).violation).toBeDefined();
  });

  it.each(Object.entries(RULES))('names a statement of the product for the rule %s', (_, { meaning, by }) => {
    if (by === undefined) expect(meaning).toMatch(/^assumption: /);
    else expect(readFileSync(path.join(__dirname, '../..', by.file), 'utf8')).toContain(by.says);
  });

  it('removes every rule at least once', () => {
    const removed = new Set(Object.values(MUTANTS).flatMap(({ change }) => Object.keys(change)));
    expect(Object.keys(RULES).filter((name) => !removed.has(name))).toEqual([]);
  });
});
