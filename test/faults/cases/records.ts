import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Overcome } from '../in-spite-of';
import { ONE_AS_IT_IS, withStatus } from './record-rules';

/** What a record says, or is. */
export const RECORDS: Readonly<Record<string, Overcome>> = {
  'that is not JSON': misread('invalidJson'),
  'that is a web page': misread('htmlPage'),
  'that is an error in JSON': misread('jsonError'),
  'that is too large to be one': misread('hugeBody'),
  'that breaks off': misread('truncate'),
  'whose checksum is in upper case': {
    archive: { faults: [{ fault: 'upperCaseChecksum' }] },
    way: async ({ site, claim }) => {
      const { sha256 } = await site.simulator.archive(claim.key.archiveId);
      const manifest = await readFile(join(site.bagOf(claim.key), 'manifest-sha256.txt'), 'utf8');
      expect(manifest).toBe(`${sha256}  data/archive.zip\n`);
    },
  },
  'whose status nobody knows': {
    archive: { faults: [withStatus('SOMETHING_NEW', 3)] },
    failures: Array.from({ length: 3 }, () => 'awaitAvailable: NotYetAvailable'),
  },
  'whose status goes back when the file is asked for': {
    archive: {
      faults: [
        ONE_AS_IT_IS,
        withStatus('PACKING', 2),
        { fault: 'status', endpoint: 'download', statusCode: 409, times: 1 },
      ],
    },
    failures: ['downloadArchive: NotDownloadable', 'awaitAvailable: NotYetAvailable'],
  },
};

function misread(fault: 'invalidJson' | 'htmlPage' | 'jsonError' | 'hugeBody' | 'truncate'): Overcome {
  return {
    archive: { faults: [{ fault, endpoint: 'record', times: 2 }] },
    failures: ['awaitAvailable: PlatformUnavailable', 'awaitAvailable: PlatformUnavailable'],
  };
}
