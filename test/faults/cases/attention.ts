import type { FailureType } from '../../../src/domain/failures';
import type { ArchivesSpec, FaultRule } from '../../../src/simulator';
import { ONE_AS_IT_IS, withStatus } from './record-rules';

/** A fault for which a person is asked. */
export interface Needed {
  readonly archive: ArchivesSpec;
  readonly reason: FailureType;
  /** Requests for the file until then, where they can be told. */
  readonly downloads?: number;
}

/** Where trying again at once is no help. */
export const AT_ONCE: Readonly<Record<string, Needed>> = {
  'the platform says FAILED': {
    archive: { statuses: [{ status: 'FAILED', error: 'Out of space.' }] },
    reason: 'PlatformFailed',
    downloads: 0,
  },
  'the record has no checksum': needed('ChecksumMissing', 0, { fault: 'noChecksum' }),
  'the record has a wrong checksum': needed('ChecksumMismatch', 3, { fault: 'wrongChecksum' }),
  "the record is another archive's": needed('RecordInvalid', 0, { fault: 'otherArchive' }),
  'the record names no conference': needed('RecordInvalid', 0, {
    fault: 'recordFields',
    fields: { conferenceId: null },
  }),
  'the record has another checksum after the copy was secured': needed('RecordInvalid', 1, ONE_AS_IT_IS, {
    fault: 'wrongChecksum',
  }),
  'every file has a wrong bit': needed('ChecksumMismatch', 3, { fault: 'flipBit' }),
  'every file ends too soon and looks complete': needed('ChecksumMismatch', 3, {
    fault: 'truncate',
    contentLength: false,
  }),
  'every file is longer than announced': needed('ChecksumMismatch', 3, { fault: 'wrongLength', by: -100 }),
  'every file is another one': needed('ChecksumMismatch', 3, { fault: 'newETag', otherBytes: true }),
  'the file has no end': needed('ArchiveTooLarge', 1, { fault: 'endless' }),
  'the record promises a file that is refused, ten times': needed(
    'NotDownloadable',
    10,
    { fault: 'status', endpoint: 'download', statusCode: 409 },
    ...Array.from({ length: 10 }, () => [ONE_AS_IT_IS, withStatus('PACKING')]).flat(),
  ),
};

/** Where the API key is refused for half an hour. */
export const AFTER_LONG: Readonly<Record<string, Needed>> = {
  'the record is refused': refused('record'),
  'the file is refused, and its record is not': refused('download'),
  'the abandon is refused, and nothing else': refused('abandon'),
};

function needed(reason: FailureType, downloads: number, ...faults: FaultRule[]): Needed {
  return { archive: { faults }, reason, downloads };
}

function refused(endpoint: 'record' | 'download' | 'abandon'): Needed {
  return {
    archive: { faults: [{ fault: 'status', endpoint, statusCode: 401 }] },
    reason: 'CredentialsRejected',
  };
}
