import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/main';
import { codeIn, pages, ROOT } from './pages';

const code = pages().flatMap(codeIn).join('\n').replaceAll(/\\\n/g, ' ');
const scripts = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts;

describe('every command in the documentation exists', () => {
  const calls = [...code.matchAll(/\barchivist ([a-z]+)([^\n#|&>]*)/g)].map(
    ([call, name = '', rest = '']) => ({
      call,
      name,
      options: rest.match(/--[a-z-]+/g) ?? [],
    }),
  );

  it.each(calls)('$call', ({ name, options }) => {
    const command = COMMANDS[name]?.();
    expect(command?.name()).toBe(name);
    const all = command ? [command, ...command.commands] : [];
    const known = all.flatMap(({ options }) => options.map(({ long }) => long));
    expect([...known, '--help']).toEqual(expect.arrayContaining(options));
  });

  it.each(namesAfter('npm run'))('npm run %s', (script) => {
    expect(Object.keys(scripts)).toContain(script);
  });

  it.each(namesAfter('npx tsx'))('npx tsx %s', (file) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
  });
});

it.each(Object.keys(COMMANDS))('the README names archivist %s', (name) => {
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`\`archivist ${name}\``);
});

function namesAfter(words: string): readonly string[] {
  return [
    ...new Set([...code.matchAll(new RegExp(`${words} ([\\w:./-]+)`, 'g'))].map(([, name = '']) => name)),
  ];
}
