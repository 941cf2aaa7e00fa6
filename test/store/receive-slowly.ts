// Receives one copy, all of it the byte `A`, and says how far it is; then finishes it and says how that ended.
import { setTimeout as pause } from 'node:timers/promises';
import { ArchivistError } from '../../src/domain/failures';
import { parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { openStore } from '../../src/store/open-store';

const CHUNK = Buffer.alloc(256 * 1024, 'A');

const [, , root = '', totalBytes = ''] = process.argv;
const store = openStore(`file:${root}`);
const key = { tenant: parseTenantId('mycompany'), archiveId: parseArchiveId('archive-1') };

async function receiveSlowly(): Promise<string> {
  const copy = await store.receive(key, { validator: '"e"', totalBytes: Number(totalBytes) });
  process.stdout.write(`copy ${copy.copyId}\n`);
  for (let position = 0; position < Number(totalBytes); position += CHUNK.length) {
    await copy.append(CHUNK);
    process.stdout.write(`received ${position + CHUNK.length}\n`);
    await pause(2);
  }
  await copy.finish();
  return 'Finished';
}

void receiveSlowly()
  .catch((error: unknown) => (error instanceof ArchivistError ? error.type : 'Unexpected'))
  .then((end) => process.stdout.write(`end ${end}\n`));
