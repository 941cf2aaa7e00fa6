import type { FaultRule, RequestEntry } from '../../../src/simulator';
import type { Overcome } from '../in-spite-of';

const MIB = 1024 * 1024;

/** Where a redirect of a download leads. */
export const REDIRECTS: Readonly<Record<string, Overcome>> = {
  ...Object.fromEntries(
    ([301, 302, 303, 307, 308] as const).map((statusCode) => [
      `to the same origin (${statusCode})`,
      redirected({ fault: 'redirect', to: 'sameOrigin', statusCode }),
    ]),
  ),
  'to another origin, which does not learn the API key': {
    ...redirected({ fault: 'redirect', to: 'otherOrigin' }),
    way: ({ downloads }) =>
      expect(servedElsewhere(downloads)).toMatchObject([{ apiKeySent: false, complete: true }]),
  },
  'to another origin that breaks off, whose file is resumed there': {
    archive: {
      size: 4 * MIB,
      faults: [
        { fault: 'redirect', to: 'otherOrigin' },
        { fault: 'truncate', endpoint: 'foreignFile', after: 3 * MIB, times: 1 },
      ],
    },
    failures: ['downloadArchive: TransferInterrupted'],
    way: ({ downloads }) =>
      expect(servedElsewhere(downloads)).toMatchObject([
        { apiKeySent: false, statusCode: 200 },
        { apiKeySent: false, statusCode: 206 },
      ]),
  },
  'to an address that has expired': redirectedTwice('otherOrigin', { expired: true }),
  'in a loop': redirectedTwice('loop', {}, 6),
  'to a host that is not there': redirectedTwice('foreignHttp'),
  'to what is not http': redirectedTwice('otherScheme'),
};

function redirected(fault: FaultRule): Overcome {
  return { archive: { faults: [fault] } };
}

/** Not followed, and asked again until the platform says something else. */
function redirectedTwice(
  to: 'otherOrigin' | 'loop' | 'foreignHttp' | 'otherScheme',
  more: { readonly expired?: boolean } = {},
  requests = 1,
): Overcome {
  return {
    archive: { faults: [{ fault: 'redirect', to, ...more, times: 2 * requests }] },
    failures: ['downloadArchive: PlatformUnavailable', 'downloadArchive: PlatformUnavailable'],
  };
}

function servedElsewhere(downloads: readonly RequestEntry[]): readonly RequestEntry[] {
  return downloads.filter(({ endpoint }) => endpoint === 'foreignFile');
}
