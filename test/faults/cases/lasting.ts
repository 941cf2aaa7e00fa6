import type { FailureType } from '../../../src/domain/failures';
import type { ArchivesSpec, FaultRule } from '../../../src/simulator';
import { ONE_AS_IT_IS } from './record-rules';

/** A fault that lasts until the claim's deadline. */
export interface Lasting {
  readonly archive: ArchivesSpec;
  /** What every try of the step that meets it fails with. */
  readonly failure: `${string}: ${FailureType}`;
  /** Abandons that were sent in vain. */
  readonly abandons?: 'none' | 'some';
}

/** What another claim overcomes once it is over. */
export const PASSING: Readonly<Record<string, Lasting>> = {
  'the record is refused with an error': lasting('awaitAvailable: PlatformUnavailable', {
    fault: 'status',
    endpoint: 'record',
    statusCode: 500,
  }),
  'the record is not found': lasting('awaitAvailable: ArchiveNotFound', {
    fault: 'status',
    endpoint: 'record',
    statusCode: 404,
  }),
  'the record is a web page': lasting('awaitAvailable: PlatformUnavailable', {
    fault: 'htmlPage',
    endpoint: 'record',
  }),
  'the status is one that nobody knows': lasting('awaitAvailable: NotYetAvailable', {
    fault: 'recordFields',
    fields: { status: 'SOMETHING_NEW' },
  }),
  'the file is refused with an error': lasting('downloadArchive: PlatformUnavailable', {
    fault: 'status',
    endpoint: 'download',
    statusCode: 503,
  }),
  'the file is not found': lasting('downloadArchive: ArchiveNotFound', {
    fault: 'status',
    endpoint: 'download',
    statusCode: 404,
  }),
  'the file is a web page': lasting('downloadArchive: FileRefused', { fault: 'htmlPage' }),
  'the file is an error in JSON': lasting('downloadArchive: FileRefused', { fault: 'jsonError' }),
  'the file is compressed': lasting('downloadArchive: FileRefused', { fault: 'gzip' }),
  'the file breaks off at its first byte': lasting('downloadArchive: TransferInterrupted', {
    fault: 'truncate',
    after: 0,
  }),
  'the redirect leads in a loop': redirected('loop'),
  'the redirect leads to what is not http': redirected('otherScheme'),
  'the redirect leads to a host that is not there': redirected('foreignHttp'),
  'the redirect leads to what has expired': redirected('otherOrigin'),
  'the abandon is answered with an error': {
    ...lasting('abandonArchive: AbandonUnconfirmed', {
      fault: 'status',
      endpoint: 'abandon',
      statusCode: 500,
    }),
    abandons: 'some',
  },
  'the abandon is accepted without effect': {
    ...lasting('abandonArchive: AbandonUnconfirmed', { fault: 'noEffect' }),
    abandons: 'some',
  },
  'the status goes back before the abandon': lasting('abandonArchive: AbandonUnconfirmed', ONE_AS_IT_IS, {
    fault: 'recordFields',
    fields: { status: 'PACKING' },
  }),
};

/** What another claim does not overcome either: a person must. */
export const STAYING: Readonly<Record<string, Lasting>> = {
  'the record names a conference that the platform does not know': lasting(
    'abandonArchive: AbandonUnconfirmed',
    {
      fault: 'otherConference',
    },
  ),
};

function lasting(failure: Lasting['failure'], ...faults: FaultRule[]): Lasting {
  return { archive: { faults }, failure };
}

function redirected(to: 'loop' | 'otherScheme' | 'foreignHttp' | 'otherOrigin'): Lasting {
  return lasting('downloadArchive: PlatformUnavailable', { fault: 'redirect', to, expired: true });
}
