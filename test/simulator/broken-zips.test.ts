import { createHash } from 'node:crypto';
import { startSimulator, type Simulator } from '../../src/simulator';
import { inMemory } from '../../src/simulator/bytes/byte-source';
import { ask, downloadPath, recordPath } from './platform-access';
import { filesOf } from './zip-reader';

describe('a file that does not open', () => {
  let simulator: Simulator;

  beforeAll(async () => (simulator = await startSimulator()));
  afterAll(() => simulator.close());

  test.each(['notAZip', 'cutZip'] as const)(
    '%s has the size and the checksum of its record',
    async (content) => {
      await simulator.createArchives({ archiveId: content, content, size: 20_000 });
      await simulator.untilStatus(content, 'AVAILABLE');

      const record = (await ask(simulator, 'GET', recordPath(content))).json();
      const { bytes } = await ask(simulator, 'GET', downloadPath(content));
      expect(bytes).toHaveLength(20_000);
      expect(record['sha256CheckSum']).toBe(createHash('sha256').update(bytes).digest('hex'));
      await expect(filesOf(inMemory(bytes))).rejects.toThrow();
    },
  );

  test('begins like a zip where it was cut short', async () => {
    await simulator.createArchives({ archiveId: 'cut', content: 'cutZip' });
    await simulator.untilStatus('cut', 'AVAILABLE');

    const { bytes } = await ask(simulator, 'GET', downloadPath('cut'));
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
  });
});
