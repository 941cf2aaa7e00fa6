import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createProgram } from '../../src/cli/main';
import { openCommandSite, type CommandSite } from './command-site';

const COMMANDS = [
  'list',
  'status',
  'status a1',
  'hold a1',
  'release a1',
  'extend a1 1day',
  'decide a1 retry',
  'claim a1',
  'abandon a1',
  'verify a1',
  'webhook list',
];

describe('with a ledger that accepts connections and never answers,', () => {
  let site: CommandSite;
  let silent: Server;
  let file: string;
  beforeAll(async () => {
    site = await openCommandSite();
    silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    file = `${site.environment['ARCHIVIST_CONFIG'] ?? ''}.silent`;
    const tenants = { acme: { baseUrl: site.simulator.url, apiKey: site.simulator.apiKey } };
    await writeFile(file, JSON.stringify({ tenants, ledger: `postgres://jane@127.0.0.1:${port()}/ledger` }));
  });
  afterAll(async () => {
    silent.close();
    await site.close();
  });

  const port = (): number => (silent.address() as AddressInfo).port;

  /** Runs all commands at once. @returns what they printed on both streams, and what each failed with */
  async function runAll(): Promise<{ stdout: string; stderr: string; failures: readonly unknown[] }> {
    const before = { ...process.env };
    Object.assign(process.env, site.environment);
    const printed = { stdout: '', stderr: '' };
    const spies = (['stdout', 'stderr'] as const).map((name) =>
      jest.spyOn(process[name], 'write').mockImplementation((text) => {
        printed[name] += String(text);
        return true;
      }),
    );
    try {
      const failures = await Promise.all(
        COMMANDS.map((line) => {
          const argv = ['node', 'archivist', ...line.split(' '), '-c', file];
          return createProgram(argv)
            .parseAsync(argv)
            .then(() => undefined)
            .catch((error: unknown) => error);
        }),
      );
      return { ...printed, failures };
    } finally {
      for (const spy of spies) spy.mockRestore();
      process.env = before;
    }
  }

  it('every command says whom it waits for, prints no part of an answer, and fails', async () => {
    const { stdout, stderr, failures } = await runAll();
    expect(stdout).toBe('');
    expect(stderr.match(new RegExp(`^Waiting for the ledger at 127.0.0.1:${port()} …$`, 'gm'))).toHaveLength(
      COMMANDS.length,
    );
    const expected = expect.stringContaining(`The ledger at 127.0.0.1:${port()} cannot be used`) as string;
    expect(failures).toEqual(COMMANDS.map(() => expect.objectContaining({ message: expected }) as Error));
  });
});
