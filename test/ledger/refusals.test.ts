import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { freePort } from '../../src/processes/free-port';
import { createLedger } from '../../src/ledger/ledger';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';
import { createDatabase, unpooled } from '../support/postgres';
import { newRole } from '../support/role';
import { selfSigned } from '../support/self-signed';

let url: string;
let owner: Database;
beforeAll(async () => {
  url = unpooled(await createDatabase());
  owner = openPostgres(url);
});
afterAll(() => owner.close());

/** The same URL with other parts. */
function other(changes: Partial<URL>, query: Readonly<Record<string, string>> = {}): string {
  const changed = Object.assign(new URL(url), changes);
  for (const [name, value] of Object.entries(query)) changed.searchParams.set(name, value);
  return changed.href;
}

/** What a person is told. */
async function said(
  address: string,
  ask: (database: Database) => Promise<unknown> = (database) => createLedger(database).ping(),
): Promise<string> {
  const database = openPostgres(address);
  const error: unknown = await ask(database).then(
    () => 'nothing is wrong',
    (reason: unknown) => reason,
  );
  await database.close();
  expect(error).toMatchObject({ type: 'LedgerUnavailable' });
  const { message } = error as Error;
  for (const secret of ['guest', 'guess', decodeURIComponent(new URL(url).password)])
    expect(message).not.toContain(secret);
  return message;
}

const nameOf = (address: string) => new URL(address).pathname.slice(1);
const at = () => `The ledger at ${new URL(url).host} cannot be used:`;

describe('a refused connection', () => {
  it.each<[string, string | RegExp, () => Promise<string>]>([
    [
      'the password is wrong',
      /28P01: it knows no such user with this password\. .*%40/,
      () => Promise.resolve(other({ password: 'guess' })),
    ],
    [
      'the password is absent',
      /it knows no such user with this password/,
      () => Promise.resolve(other({ password: '' })),
    ],
    [
      'there is no such database',
      /3D000: .*CREATE DATABASE/,
      () => Promise.resolve(other({ pathname: '/nothing' })),
    ],
    [
      'the server has no TLS',
      /it takes no TLS, .*sslmode=disable/,
      () => Promise.resolve(other({}, { sslmode: 'verify-full' })),
    ],
    [
      'the role may not log in',
      /28000: .*pg_hba\.conf.*LOGIN/,
      async () => {
        const role = await newRole(url);
        await owner.query(`ALTER ROLE ${role.name} NOLOGIN`);
        return role.url;
      },
    ],
    [
      'the role may not connect to the database',
      /42501: .*GRANT CONNECT/,
      async () => {
        const closed = unpooled(await createDatabase());
        await owner.query(`REVOKE CONNECT ON DATABASE ${nameOf(closed)} FROM PUBLIC`);
        return (await newRole(closed)).url;
      },
    ],
    [
      'no connection is left',
      /53300: .*max_connections.*pooler/,
      async () => {
        const role = await newRole(url);
        await owner.query(`ALTER ROLE ${role.name} CONNECTION LIMIT 0`);
        return role.url;
      },
    ],
  ])('is reported with its address and the remedy, if %s', async (_, words, address) => {
    const message = await said(await address());
    expect(message).toMatch(words);
    expect(message.startsWith(at())).toBe(true);
  });

  it('is reported alike by setup', async () => {
    expect(await said(other({ password: 'guess' }), migrate)).toBe(await said(other({ password: 'guess' })));
  });

  it('names the host and the port on which nothing listens', async () => {
    const port = await freePort('127.0.0.1');
    expect(await said(other({ host: `127.0.0.1:${port}` }))).toBe(
      `The ledger at 127.0.0.1:${port} cannot be used: ECONNREFUSED: nothing listens there. Start PostgreSQL, or correct the host and the port.`,
    );
  });

  it('names a host that does not resolve', async () => {
    expect(await said('postgres://archivist:guess@nowhere.invalid/ledger')).toMatch(
      /^The ledger at nowhere\.invalid:5432 cannot be used: (ENOTFOUND|EAI_AGAIN): its host name is not known here/,
    );
  });

  it('names the files of the URL that cannot be read', async () => {
    expect(await said(other({}, { sslmode: 'verify-full', sslrootcert: '/nothing' }))).toMatch(
      /ENOENT: .*`sslrootcert`/,
    );
  });

  it.each([
    ['is starting', '57P03', /it is starting or stopping/],
    ['is a pooler that knows no parameter `options`', '08P01', /ALTER ROLE … SET search_path/],
    ['says anything else', '58030', /cannot be used: 58030\.$/],
  ])("is explained by its code if the server %s, without the server's own words", async (_, code, words) => {
    const message = await withServer(refusing(code), said);
    expect(message).toMatch(words);
    expect(message).not.toContain('Erika');
  });

  it('is reported if the server says nothing', async () => {
    expect(await withServer(() => undefined, said)).toMatch(/cannot be used: no answer\. Correct/);
  }, 20_000);

  it("is reported if no trusted authority signed the server's certificate", async () => {
    const { key, cert } = selfSigned('127.0.0.1');
    const message = await withServer(
      (socket) =>
        socket.once('data', () => {
          socket.write('S');
          new TLSSocket(socket, { isServer: true, key, cert }).on('error', () => undefined);
        }),
      (address) => said(`${address}?sslmode=verify-full`),
    );
    expect(message).toMatch(/SELF_SIGNED_CERT: its certificate is not trusted\. .*sslrootcert/);
  });
});

describe('a refused setup', () => {
  it('names the rights that the role lacks in a schema', async () => {
    const closed = unpooled(await createDatabase());
    const role = await newRole(closed);
    const administrator = openPostgres(closed);
    await administrator.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    await administrator.close();
    expect(await said(role.url, migrate)).toMatch(/"migrate" \(42501\)\. .*GRANT USAGE, CREATE ON SCHEMA/);
  });

  it('reports a search path without a schema', async () => {
    expect(await said(other({}, { options: '-csearch_path=nowhere' }), migrate)).toMatch(
      /^The ledger has no schema to be set up in: `search_path` .*CREATE SCHEMA/,
    );
  });
});

/** Refuses every connection as PostgreSQL does. */
function refusing(code: string) {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0MErika Mustermann\0\0`);
  const header = Buffer.from('E....');
  header.writeInt32BE(fields.length + 4, 1);
  return (socket: Socket) => socket.once('data', () => socket.end(Buffer.concat([header, fields])));
}

/** Asks while a server serves sockets in this way. */
async function withServer<Result>(
  serve: (socket: Socket) => unknown,
  ask: (address: string) => Promise<Result>,
): Promise<Result> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await ask(`postgres://archivist:guess@127.0.0.1:${port}/ledger`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}
