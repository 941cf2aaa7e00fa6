import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { openCommandSite, type CommandSite } from './command-site';
import { runAll } from './printed';

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

  it('every command says whom it waits for, prints no part of an answer, and fails', async () => {
    const { stdout, stderr, failures } = await runAll(
      COMMANDS.map((line) => [...line.split(' '), '-c', file]),
      site.environment,
    );
    expect(stdout).toBe('');
    expect(stderr.match(new RegExp(`^Waiting for the ledger at 127.0.0.1:${port()} …$`, 'gm'))).toHaveLength(
      COMMANDS.length,
    );
    const expected = expect.stringContaining(`The ledger at 127.0.0.1:${port()} cannot be used`) as string;
    expect(failures).toEqual(
      COMMANDS.map(() => ({ error: expect.objectContaining({ message: expected }) as Error })),
    );
  });
});
