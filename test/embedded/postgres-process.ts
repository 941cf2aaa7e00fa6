import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';

/**
 * A process of its own that starts PostgreSQL in a directory, says so, and then writes one row after the other until it is killed: each
 * number that it prints was acknowledged. The second argument is the npm package that it takes.
 */
async function main([directory = '', npmPackage = '']: readonly string[]): Promise<void> {
  const server = await startEmbeddedPostgres({ directory, ...(npmPackage !== '' && { npmPackage }) });
  process.stdout.write(`${JSON.stringify({ pid: server.pid, url: server.url })}\n`);
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS numbers (number integer)');
  for (let number = 0; ; number++) {
    await client.query('INSERT INTO numbers VALUES ($1)', [number]);
    process.stdout.write(`${number}\n`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(error instanceof Error ? error.message : 'failed');
  process.exitCode = 1;
});
