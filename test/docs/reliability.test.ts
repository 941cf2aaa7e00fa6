import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURES } from '../../src/domain/failures';
import { faultRule } from '../../src/simulator';
import { pages, ROOT } from './pages';

const page = pages().find(({ path }) => path === 'docs/reliability.md')?.text ?? '';
const faults = page.split('\n## ').find((section) => section.startsWith('Faults\n')) ?? '';
const rows = faults
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, fault = '']) => fault !== 'fault' && !fault.startsWith('-'));

describe('the table of faults', () => {
  it.each(faultRule.options.map(({ shape }) => shape.fault.value))('contains the fault %s', (name) => {
    expect(rows.some(([, fault]) => fault?.includes(`\`${name}\``))).toBe(true);
  });

  it.each(rows.map(([, fault = '', happens = '', tests = '']) => ({ fault, happens, tests })))(
    'says what happens and links to its tests: $fault',
    ({ happens, tests }) => {
      expect(happens).not.toBe('');
      const files = [...tests.matchAll(/\]\(\.\.\/(test\/[^)]+\.ts)\)/g)].map(([, file = '']) => file);
      expect(files).not.toEqual([]);
      for (const file of files) expect(existsSync(join(ROOT, file))).toBe(true);
    },
  );

  it('names only existing failures', () => {
    const named = rows.flatMap(([, , happens = '']) => happens.match(/(?<=`)[A-Z]\w+(?=`)/g) ?? []);
    expect(named.length).toBeGreaterThan(20);
    expect(Object.keys(FAILURES)).toEqual(expect.arrayContaining(named));
  });
});
