import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ArchivistError, type FailureType } from '../../../src/domain/failures';
import type { PlatformOf } from '../../../src/platform/create-platform';
import { activityEnvironment, type ActivityEnvironment } from '../../support/activity-environment';
import { openActivitySite, secure, untilTomorrow, type ActivitySite } from '../activity-site';

const MINUTE = 60_000;

/** An activity that was first scheduled so many minutes before its present try. */
function aged(minutes: number): ActivityEnvironment {
  const scheduledTimestampMs = Date.now();
  const currentAttemptScheduledTimestampMs = scheduledTimestampMs + minutes * MINUTE;
  return activityEnvironment(2, { scheduledTimestampMs, currentAttemptScheduledTimestampMs });
}

describe('a refused API key', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  /** The platform, but its record cannot be had because of `type`. */
  const failing =
    (type: FailureType): PlatformOf =>
    (tenant) => ({
      ...site.platformOf(tenant),
      fetchRecord: () => Promise.reject(new ArchivistError(type, 'As told.', MINUTE)),
    });

  it.each([0, 1, 29])('lets a step that is %i minutes old be retried', async (minutes) => {
    const platformOf = failing('CredentialsRejected');
    const run = site.runWith(
      { platformOf, environment: aged(minutes) },
      'awaitAvailable',
      await site.archive(),
      untilTomorrow(),
    );
    await expect(run).rejects.toMatchObject({
      type: 'CredentialsRejected',
      nonRetryable: false,
      nextRetryDelay: MINUTE,
    });
  });

  it('shares its time limit with FileRefused, which ends a step that is 30 minutes old', async () => {
    const key = await site.archive();
    const run = site.runWith(
      { platformOf: failing('FileRefused'), environment: aged(30) },
      'awaitAvailable',
      key,
      untilTomorrow(),
    );
    await expect(run).rejects.toMatchObject({ type: 'FileRefused', nonRetryable: true });
  });

  it.each([30, 10_000])('ends a step that is %i minutes old', async (minutes) => {
    const platformOf = failing('CredentialsRejected');
    const run = site.runWith(
      { platformOf, environment: aged(minutes) },
      'awaitAvailable',
      await site.archive(),
      untilTomorrow(),
    );
    await expect(run).rejects.toMatchObject({ type: 'CredentialsRejected', nonRetryable: true });
  });

  it.each(['PlatformUnavailable', 'NotYetAvailable'] as const)(
    'is distinct from %s, which ends no step',
    async (type) => {
      const platformOf = failing(type);
      const run = site.runWith(
        { platformOf, environment: aged(10_000) },
        'awaitAvailable',
        await site.archive(),
        untilTomorrow(),
      );
      await expect(run).rejects.toMatchObject({ type, nonRetryable: false });
    },
  );

  it.each(['awaitAvailable', 'downloadArchive', 'abandonArchive'] as const)(
    'makes %s fail, so that a person is asked',
    async (step) => {
      const key = await site.archive();
      await secure(site, key);
      // The first steps rely on a copy that is in its place.
      if (step !== 'abandonArchive') await rm(fileURLToPath(site.store.locationOf(key)), { recursive: true });
      const platform = site.platformOf(key.tenant);
      const refuse = () => Promise.reject(new ArchivistError('CredentialsRejected', 'As told.', MINUTE));
      const platformOf: PlatformOf = () => ({ ...platform, fetchRecord: refuse, download: refuse });
      const run = site.runWith({ platformOf, environment: aged(30) }, step, key, untilTomorrow());
      await expect(run).rejects.toMatchObject({ type: 'CredentialsRejected', nonRetryable: true });
    },
  );

  it('makes the first step of a repair fail, so that a person is asked', async () => {
    const key = await site.archive();
    await secure(site, key);
    await site.run('endClaim', key, { kind: 'failed', reason: 'CopyDamaged' });
    await rm(fileURLToPath(site.store.locationOf(key)), { recursive: true });
    const platformOf = failing('CredentialsRejected');
    const run = site.runWith({ platformOf, environment: aged(30) }, 'beginRepair', key);
    await expect(run).rejects.toMatchObject({ type: 'CredentialsRejected', nonRetryable: true });
  });

  it('lets a patient step keep retrying, because a person was already asked', async () => {
    const platformOf = failing('CredentialsRejected');
    const key = await site.archive();
    const input = { ...untilTomorrow(), patient: true };
    const run = site.runWith({ platformOf, environment: aged(10_000) }, 'awaitAvailable', key, input);
    await expect(run).rejects.toMatchObject({ type: 'CredentialsRejected', nonRetryable: false });
  });

  it('does not keep a patient step from ending by any other failure', async () => {
    const platformOf = failing('RecordInvalid');
    const key = await site.archive();
    const input = { ...untilTomorrow(), patient: true };
    const run = site.runWith({ platformOf }, 'awaitAvailable', key, input);
    await expect(run).rejects.toMatchObject({ type: 'RecordInvalid', nonRetryable: true });
  });
});
