import { ApplicationFailure } from '@temporalio/common';
import { nameFailures } from '../../src/activities/name-failures';
import { activityEnvironment } from '../support/activity-environment';
import { ArchivistError, FAILURES, isRetryable, type FailureType } from '../../src/domain/failures';

async function failureOf(error: unknown): Promise<ApplicationFailure> {
  const activity = nameFailures(() => Promise.reject(error as Error));
  return await activityEnvironment()
    .run(activity)
    .then(
      () => Promise.reject(new Error('it did not fail')),
      (failure: unknown) => failure as ApplicationFailure,
    );
}

describe('the failure of an activity', () => {
  it.each(Object.keys(FAILURES) as FailureType[])(
    'has the type %s, and is retried if and only if the table says so',
    async (type) => {
      const failure = await failureOf(new ArchivistError(type, 'Archive a of acme.', 5_000));
      expect(failure).toBeInstanceOf(ApplicationFailure);
      expect(failure).toMatchObject({
        type,
        message: 'Archive a of acme.',
        nonRetryable: !isRetryable(type),
        nextRetryDelay: 5_000,
      });
    },
  );

  it('contains no text of an unnamed error', async () => {
    const secret = 'jane.doe@example.com';
    const error = Object.assign(
      new SyntaxError(`Unexpected token, "${secret}" is not valid JSON`, { cause: secret }),
      { code: 'E_ODD' },
    );
    const failure = await failureOf(error);
    expect(failure).toMatchObject({ type: 'Unexpected', nonRetryable: false });
    expect(failure.message).toContain('E_ODD');
    expect(JSON.stringify([failure.message, failure.stack, failure.cause, failure.details])).not.toContain(
      secret,
    );
    expect(failure.stack).toMatch(/\n\s+at /);
  });

  it('has a type even if the thrown value is not an error', async () => {
    await expect(failureOf('jane.doe@example.com')).resolves.toMatchObject({
      type: 'Unexpected',
      message: expect.not.stringContaining('jane') as string,
    });
    await expect(failureOf(undefined)).resolves.toMatchObject({ type: 'Unexpected' });
  });
});
