import { Client, type ClientConfig } from 'pg';
import { errorCode } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';

/** What a person has to do, by the error code of a failed statement. */
const OF_STATEMENTS: readonly (readonly [code: RegExp, meaning: string])[] = [
  // A table, a column or a function that does not exist.
  [/^(42P01|42703|42883)$/, 'Run `archivist setup`.'],
  [
    /^25006$/,
    'Its server can only be read: it is a standby, or `default_transaction_read_only` is on. Let `ledger` name an address that ' +
      'leads to the primary, such as a virtual address or a pooler.',
  ],
  [
    /^42501$/,
    'Its role may not: it must own the tables of the ledger, and may have to be granted what `archivist setup` needs, such as ' +
      '`GRANT USAGE, CREATE ON SCHEMA public TO archivist`. No policy may hide rows from it.',
  ],
  [/^53100$/, 'The disk of its server is full: make room there.'],
];

/** Why the ledger cannot connect, by the error code or else the driver's message. The server's own text is never looked at. */
const OF_CONNECTIONS: readonly (readonly [said: RegExp, meaning: string])[] = [
  [/^ECONNREFUSED$/, 'nothing listens there. Start PostgreSQL, or correct the host and the port'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'its host name is not known here. Correct it, or mend the name service'],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$|^(Connection terminated due to connection timeout|timeout expired)$/,
    'no answer. Correct the host and the port, or open the way through the firewalls',
  ],
  [
    /^timeout exceeded when trying to connect$/,
    'all connections of this process are in use for 5 seconds already',
  ],
  [
    /^(ENOENT|EACCES)$/,
    'a file that the URL names (`sslrootcert`, `sslcert`, `sslkey`, a socket) cannot be read',
  ],
  [
    /^The server does not support SSL connections$/,
    'it takes no TLS, and `sslmode` wants it. Switch on `ssl` there, or write `sslmode=disable` if you trust the network',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_/,
    'its certificate is not trusted. Let `sslrootcert=FILE` name the authority that signed it, and the URL the host of the certificate',
  ],
  [
    /^28P01$|^SASL: .*password must be/,
    'it knows no such user with this password. Correct them; write `@`, `:`, `/` and `%` of a password as `%40`, `%3A`, `%2F` and `%25`',
  ],
  [
    /^28000$/,
    'it does not let this user in from here. Its `pg_hba.conf` needs a line for user, database and this address (perhaps it wants ' +
      '`sslmode=verify-full`), and the role needs `LOGIN`',
  ],
  [/^3D000$/, "it has no such database. Make it (`CREATE DATABASE … ENCODING 'UTF8'`), or correct its name"],
  [/^42501$/, 'this user may not connect to the database. `GRANT CONNECT ON DATABASE … TO …`'],
  [
    /^53300$/,
    'it has no connection left. Raise `max_connections` or the limit of the role, run fewer processes (each opens up to 10), or ' +
      'put a pooler before it',
  ],
  [/^57P0[1-3]$/, 'it is starting or stopping. Wait, or start it'],
  [
    /^08P01$/,
    'a pooler does not let this user in, does not know the database, or refuses a parameter of the URL. Instead of `options`, use ' +
      '`ALTER ROLE … SET search_path = …`',
  ],
];

/** Turns a statement's error into one that is safe to show: the database's own text quotes rows, and with them personal data. */
export function ledgerUnavailable(name: string, error: unknown): ArchivistError {
  if (error instanceof ArchivistError) return error;
  const code = codeOf(error);
  const [, meaning] = OF_STATEMENTS.find(([pattern]) => pattern.test(code ?? '')) ?? [];
  const hint = meaning === undefined ? '' : ` ${meaning}`;
  return unavailable(`The ledger could not do "${name}" (${code ?? 'no answer'}).${hint}`);
}

/** The error of a failed connection. It names the host and the port, and nothing else of the URL. */
export function cannotConnect(connection: ClientConfig, error: unknown): ArchivistError {
  const code = codeOf(error);
  const said = code ?? (error instanceof Error ? error.message : '');
  const [, meaning] = OF_CONNECTIONS.find(([pattern]) => pattern.test(said)) ?? [];
  const why = [...(code === undefined ? [] : [code]), ...(meaning === undefined ? [] : [meaning])].join(': ');
  return unavailable(
    `The ledger${addressOf(connection)} cannot be used: ${why === '' ? 'its connection breaks' : why}.`,
  );
}

/** SQLSTATE or errno. */
function codeOf(error: unknown): string | undefined {
  const code = errorCode(error);
  return /^[A-Z0-9_]{3,40}$/.test(code) ? code : undefined;
}

/** ` at HOST:PORT`; empty if the URL cannot be parsed. */
export function addressOf(connection: ClientConfig): string {
  try {
    const { host, port } = new Client(connection);
    return ` at ${host.includes(':') ? `[${host}]` : host}:${port}`;
  } catch {
    return '';
  }
}

export function unavailable(message: string): ArchivistError {
  return new ArchivistError('LedgerUnavailable', message);
}
