// Receives and seals one archive after the other until it is killed, and says which it has sealed.
import { createHash, randomBytes } from 'node:crypto';
import { parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { openStore } from '../../src/store/open-store';

const [, , root = '', prefix = ''] = process.argv;
const store = openStore(`file:${root}`);

async function sealForever(): Promise<never> {
  for (let count = 0; ; count += 1) {
    const key = { tenant: parseTenantId('mycompany'), archiveId: parseArchiveId(`${prefix}-${count}`) };
    process.stdout.write(`begun ${key.archiveId}\n`);
    const copy = await store.receive(key);
    const hash = createHash('sha256');
    for (let chunk = 0; chunk < 6; chunk += 1) {
      const bytes = randomBytes(30_000);
      hash.update(bytes);
      await copy.append(bytes);
    }
    await copy.finish();
    const sha256 = hash.digest('hex');
    const contents = {
      sha256,
      sizeBytes: 180_000,
      conferenceId: 'conference-1',
      recordSource: Buffer.from('{}'),
    };
    await store.seal(key, copy.copyId, contents);
    process.stdout.write(`sealed ${key.archiveId} ${sha256}\n`);
  }
}

void sealForever();
