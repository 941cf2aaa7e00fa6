import { ApplicationFailure } from '@temporalio/common';
import { UsageError } from '../../src/cli/options';
import { newLogger } from '../../src/cli/output';
import { ArchivistError } from '../../src/domain/failures';

/** The line that the log writes about an error. */
function logged(error: unknown): Record<string, unknown> {
  let line = '';
  const written = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    line += String(text);
    return true;
  });
  try {
    newLogger('archivist').error({ error }, 'Activity failed');
  } finally {
    written.mockRestore();
  }
  return (JSON.parse(line) as { readonly error: Record<string, unknown> }).error;
}

describe('the log of a process', () => {
  it.each([
    ['in the process itself', new ArchivistError('StoreFull', 'There is no room in /srv.')],
    ['in Temporal', ApplicationFailure.create({ type: 'StoreFull', message: 'There is no room in /srv.' })],
  ])('says what a named failure says, without frames: %s', (_, failure) => {
    expect(logged(failure)).toEqual({ type: 'StoreFull', message: 'There is no room in /srv.' });
  });

  it.each([
    ['an error without a name', new Error('Jane Doe is not valid JSON')],
    [
      'an error with a type that is none of ours',
      Object.assign(new Error('Jane Doe'), { type: 'entity.parse' }),
    ],
    ['a foreign error with a type of ours', Object.assign(new Error('Jane Doe'), { type: 'StoreFull' })],
  ])('never has the text of %s, but its frames', (_, error) => {
    const shown = logged(error);
    expect(JSON.stringify(shown)).not.toContain('Jane');
    expect(shown).toMatchObject({ name: 'Error' });
    expect(shown['frames']).not.toHaveLength(0);
  });

  it('keeps the frames of a failure that nobody foresaw', () => {
    const failure = ApplicationFailure.create({ type: 'Unexpected', message: 'EBADF in verifyCopy.' });
    expect(logged(failure)).toMatchObject({ type: 'Unexpected', frames: expect.any(Array) as string[] });
  });

  it('has one of the known levels; a command with another one is wrong usage', () => {
    process.env['ARCHIVIST_LOG_LEVEL'] = 'loud';
    try {
      expect(() => newLogger('archivist')).toThrow(UsageError);
      expect(() => newLogger('archivist')).toThrow(
        /^ARCHIVIST_LOG_LEVEL must be one of .*info.*, not loud\.$/,
      );
    } finally {
      delete process.env['ARCHIVIST_LOG_LEVEL'];
    }
  });
});
