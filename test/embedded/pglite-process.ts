import { openPglite } from '../../src/embedded/pglite';
import { createLedger } from '../../src/ledger/create-ledger';
import { migrate } from '../../src/ledger/migrate';

/** A process of its own that opens the ledger, says so, and then remembers one store after the other until it is killed. */
async function main(directory: string): Promise<void> {
  const database = await openPglite(directory);
  await migrate(database);
  const ledger = createLedger(database);
  process.stdout.write('open\n');
  for (let number = 0; ; number++) {
    await ledger.rememberStore(String(number), 'identity');
    process.stdout.write(`${number}\n`);
  }
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(error instanceof Error ? error.message : 'failed');
  process.exitCode = 1;
});
