import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { COMMANDS } from '../../src/cli/main';
import { matching } from '../simulator/matchers';
import { killProcesses, runArchivist, type Ended } from '../support/processes';

const GOOD = { baseUrl: 'https://acme.live.flexperto.com', apiKey: 'a-key' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archivist-e2e-'));
});
afterAll(async () => {
  await killProcesses();
  await rm(folder, { recursive: true });
});

/** Nothing listens where Temporal would be: wrong usage is seen before that is noticed. */
async function run(config: unknown, ...args: readonly string[]): Promise<Ended> {
  const file = join(folder, `${Math.random()}.yaml`);
  await writeFile(file, stringify(config));
  return await runArchivist(args, { ARCHIVIST_CONFIG: file, TEMPORAL_ADDRESS: '127.0.0.1:1' });
}

const one = { tenants: { acme: GOOD } };
const two = { tenants: { acme: GOOD, globex: GOOD } };

describe('a command with wrong usage ends with 2 and prints the expected usage', () => {
  it.each<[name: string, config: unknown, args: readonly string[], says: string | RegExp]>([
    ['no command', one, [], 'Usage: archivist'],
    ['an unknown command', one, ['clam', 'a1'], /unknown command 'clam'[^]*claim/],
    ['a missing argument', one, ['claim'], "missing required argument 'id'"],
    ['an unknown option', one, ['list', '--stat', 'failed'], /unknown option '--stat'[^]*--state/],
    ['a role that is none', one, ['worker', '--role', 'boss'], /all, orchestrator, transfer/],
    ['verify without saying what', one, ['verify'], 'Name the archives, or all of them with --all'],
    ['an archive id that is none', one, ['claim', '../a1'], 'An archive id must match'],
    [
      'an unknown tenant',
      one,
      ['claim', 'a1', '--tenant', 'globex'],
      'There is no tenant globex; name one with --tenant: acme',
    ],
    [
      'a tenant that is left open',
      two,
      ['claim', 'a1'],
      'Several tenants are configured; name one with --tenant: acme, globex',
    ],
    [
      'a configuration with mistakes, each named by its key',
      { tenants: { acme: { ...GOOD, apiKey: 'env:NOT_SET' } }, stroe: 'file:./x' },
      ['list'],
      /`tenants\.acme\.apiKey`: the environment variable NOT_SET is not set[^]*`stroe`: there is no such key/,
    ],
    [
      'a configuration that is missing',
      one,
      ['list', '--config', 'nowhere.yaml'],
      /nowhere\.yaml[^]*--config FILE/,
    ],
  ])('%s', async (_, config, args, says) => {
    const { code, stdout, stderr } = await run(config, ...args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: matching(says) });
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('help', () => {
  it('exists for every command', async () => {
    const { code, stdout } = await runArchivist(['--help']);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name);
    expect(commands).toEqual([...Object.keys(COMMANDS), 'help']);

    const { code: ended, stdout: help } = await runArchivist(['list', '--help']);
    expect({ ended, help }).toMatchObject({ ended: 0, help: matching('Usage: archivist list') });
  });

  it.each(Object.entries(COMMANDS))('of %s lists its options, including JSON', (name, load) => {
    const command = load();
    const parts = command.commands.length > 0 ? command.commands : [command];
    expect(command.helpInformation()).toContain(`Usage: ${name} `);
    for (const part of parts) expect(part.helpInformation()).toContain('--json');
  });

  it('prints the version', async () => {
    expect(await runArchivist(['--version'])).toMatchObject({
      code: 0,
      stdout: matching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
