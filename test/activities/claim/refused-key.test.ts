import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { ArchivistError, type FailureType } from '../../src/domain/failures';
import type { PlatformOf } from '../../src/platform/platform';
import { openWorkshop, type Workshop } from './workshop';

const MINUTE = 60_000;

/** An activity that was first scheduled so many minutes before its present try. */
function aged(minutes: number): MockActivityEnvironment {
  const scheduledTimestampMs = 1_000_000;
  const currentAttemptScheduledTimestampMs = scheduledTimestampMs + minutes * MINUTE;
  return new MockActivityEnvironment(
    { attempt: 2, scheduledTimestampMs, currentAttemptScheduledTimestampMs },
    { logger: new DefaultLogger('ERROR', () => undefined) },
  );
}

describe('a refused API key', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  /** The platform, but its record cannot be had because of `type`. */
  const failing =
    (type: FailureType): PlatformOf =>
    (tenant) => ({
      ...workshop.platformOf(tenant),
      fetchRecord: () => Promise.reject(new ArchivistError(type, 'As told.', MINUTE)),
    });

  it.each([0, 1, 29])('is tried again by a step that is %i minutes old', async (minutes) => {
    const platformOf = failing('CredentialsRejected');
    const run = workshop.runWith(
      { platformOf, environment: aged(minutes) },
      'awaitAvailable',
      await workshop.archive(),
    );
    await expect(run).rejects.toMatchObject({
      type: 'CredentialsRejected',
      nonRetryable: false,
      nextRetryDelay: MINUTE,
    });
  });

  it.each([30, 10_000])('ends a step that is %i minutes old', async (minutes) => {
    const platformOf = failing('CredentialsRejected');
    const run = workshop.runWith(
      { platformOf, environment: aged(minutes) },
      'awaitAvailable',
      await workshop.archive(),
    );
    await expect(run).rejects.toMatchObject({ type: 'CredentialsRejected', nonRetryable: true });
  });

  it.each(['PlatformUnavailable', 'NotYetAvailable'] as const)(
    'is apart from %s, which ends no step',
    async (type) => {
      const platformOf = failing(type);
      const run = workshop.runWith(
        { platformOf, environment: aged(10_000) },
        'awaitAvailable',
        await workshop.archive(),
      );
      await expect(run).rejects.toMatchObject({ type, nonRetryable: false });
    },
  );

  it.each(['CredentialsRejected', 'PlatformUnavailable'] as const)(
    'is not known to be taken while there is %s, however long',
    async (type) => {
      const platformOf = failing(type);
      const run = workshop.runWith(
        { platformOf, environment: aged(10_000) },
        'awaitAdmission',
        await workshop.archive(),
      );
      await expect(run).rejects.toMatchObject({ type, nonRetryable: false });
    },
  );

  it('is known to be taken where the record is given', async () => {
    await expect(workshop.run('awaitAdmission', await workshop.archive())).resolves.toBeUndefined();
  });

  it.each(['ArchiveNotFound', 'RecordInvalid', 'UnknownTenant'] as const)(
    'is no longer what is wrong where there is %s',
    async (type) => {
      const platformOf = failing(type);
      const run = workshop.runWith({ platformOf }, 'awaitAdmission', await workshop.archive());
      await expect(run).resolves.toBeUndefined();
    },
  );
});
