import { randomUUID } from 'node:crypto';
import { openPostgres } from '../../src/ledger/postgres';

/** Makes a role that may log in, and nothing else. @returns its name, and the URL of the same database for it */
export async function newRole(url: string): Promise<{ readonly name: string; readonly url: string }> {
  const name = `role_${randomUUID().replaceAll('-', '')}`;
  const database = openPostgres(url);
  await database.query(`CREATE ROLE ${name} LOGIN PASSWORD 'guest'`);
  await database.close();
  const own = Object.assign(new URL(url), { username: name, password: 'guest' });
  return { name, url: own.href };
}
