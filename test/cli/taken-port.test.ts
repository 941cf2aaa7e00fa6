import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { openCommandSite, type CommandSite } from './command-site';
import { startCommand } from './sources';

let site: CommandSite;

describe('a port that another program uses', () => {
  let other: Server;
  let port: number;
  beforeAll(async () => {
    site = await openCommandSite();
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    port = (other.address() as AddressInfo).port;
  });
  afterAll(async () => {
    other.close();
    await site.close();
  });

  it.each([
    ['gateway', 'gateway'],
    ['gateway', 'metrics'],
    ['worker', 'metrics'],
  ])('ends the %s at once, with an error that names the key `%s.port`', async (command, key) => {
    const config = await configuredWith(site, { [key]: { host: 'localhost', port } });
    expect(await endOf(command, config)).toBe(
      `1 archivist: Nothing can listen on \`${key}.host\` localhost, \`${key}.port\` ${port}: ` +
        'another program listens there; end it, or choose another port (EADDRINUSE).',
    );
  });

  it('is distinguished from an address that does not belong to this machine', async () => {
    const config = await configuredWith(site, { gateway: { host: '203.0.113.1', port: 0 } });
    expect(await endOf('gateway', config)).toBe(
      '1 archivist: Nothing can listen on `gateway.host` 203.0.113.1, `gateway.port` 0: it is no address of this machine (EADDRNOTAVAIL).',
    );
  });
});

/** Starts a command that must end. @returns its exit code, and what it said, without its log */
async function endOf(command: string, config: string): Promise<string> {
  const { child, ended } = startCommand([command, '--config', config], site.environment);
  const said = await text(child.stderr!);
  const lines = said.split('\n').filter((line) => line.startsWith('archivist: '));
  return `${await ended} ${lines.join('\n')}`;
}

async function configuredWith({ environment }: CommandSite, keys: object): Promise<string> {
  const path = environment['ARCHIVIST_CONFIG']!;
  const config = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(`${path}.other`, JSON.stringify({ ...config, ...keys }));
  return `${path}.other`;
}
