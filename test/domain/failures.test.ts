import { unless } from '../../src/domain/error-code';
import {
  ArchivistError,
  failureOf,
  FAILURES,
  handlingOf,
  isFailureType,
  isRetryable,
  type FailureType,
} from '../../src/domain/failures';
import { parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { HANDLINGS, type FailureKind } from '../../src/domain/handling';

const types = Object.keys(FAILURES) as FailureType[];
const kindOf = (type: FailureType): FailureKind => FAILURES[type];

describe('the table of failures', () => {
  it.each(types)('says of %s what it means, how it is handled, and what a person does', (type) => {
    const { meaning, handling, remedy } = kindOf(type);
    for (const sentence of [meaning, remedy]) expect(sentence).toMatch(/^[A-Z][^]{10,}\.$/);
    expect(HANDLINGS).toContain(handling);
  });

  it.each(types)('makes Temporal retry %s if and only if it is polled or retried', (type) => {
    expect(isRetryable(type)).toBe(/^(poll|retry)/.test(kindOf(type).handling));
    expect(handlingOf(type)).toBe(kindOf(type).handling);
  });

  it('polls for expected failures only', () => {
    expect(types.filter((type) => handlingOf(type) === 'poll')).toEqual([
      'NotYetAvailable',
      'ListAwaited',
      'AbandonInFlight',
    ]);
  });

  it('retries unnamed errors', () => {
    expect(isRetryable('Unexpected')).toBe(true);
  });

  it('never ends a claim because of an error of the platform, which does not prove that an archive is gone', () => {
    for (const type of ['PlatformUnavailable', 'CredentialsRejected', 'ArchiveNotFound'] as const) {
      expect(isRetryable(type)).toBe(true);
    }
  });

  it('never ends a claim because of a bad copy', () => {
    for (const type of ['ChecksumMismatch', 'ChecksumMissing', 'ZipUnreadable', 'CopyMissing'] as const) {
      expect(['downloadAgain', 'attention']).toContain(handlingOf(type));
    }
  });
});

describe('a failure type', () => {
  it.each(types)('is %s', (type) => {
    expect(isFailureType(type)).toBe(true);
  });

  it.each([['TimeoutError'], ['constructor'], ['__proto__'], ['toString'], [''], [undefined], [null], [3]])(
    'is not %p',
    (candidate) => {
      expect(isFailureType(candidate)).toBe(false);
    },
  );
});

describe('an ArchivistError', () => {
  it('carries its type, its message, and how long to wait', () => {
    const error = new ArchivistError('StoreFull', 'The store has no room for archive a1.', 5_000);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'ArchivistError',
      type: 'StoreFull',
      message: 'The store has no room for archive a1.',
      retryAfterMs: 5_000,
    });
  });

  it('uses the message of the table by default, and names the archive', () => {
    const key = { tenant: parseTenantId('acme'), archiveId: parseArchiveId('a1') };
    const error = failureOf('NotYetAvailable', key, 5_000);
    expect(error).toMatchObject({ type: 'NotYetAvailable', retryAfterMs: 5_000 });
    expect(error.message).toBe(`About archive a1 of acme: ${FAILURES.NotYetAvailable.meaning}`);
  });
});

describe('an expected failure', () => {
  const failing = (error: Error) => Promise.reject(error);

  it('is swallowed, and other failures are rethrown unchanged', async () => {
    const [missing, full] = [new ArchivistError('CopyMissing', ''), new ArchivistError('StoreFull', '')];
    await expect(unless(['CopyMissing'], failing(missing))).resolves.toBeUndefined();
    await expect(unless(['CopyMissing'], failing(full))).rejects.toBe(full);
    await expect(unless(['CopyMissing'], failing(new Error('else')))).rejects.toThrow('else');
    await expect(unless(['CopyMissing'], Promise.resolve(1))).resolves.toBe(1);
  });
});
