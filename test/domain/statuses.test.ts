import fc from 'fast-check';
import { availabilityOf, isDocumented, PLATFORM_STATUSES } from '../../src/domain/statuses';

describe('the status of an archive record', () => {
  it.each([
    ['PROCESSING', 'inProgress'],
    ['ARTIFACT_GATHERING_COMPLETE', 'inProgress'],
    ['PACKING', 'inProgress'],
    ['AVAILABLE', 'available'],
    ['FAILED', 'failed'],
    ['ABANDONED', 'abandoned'],
    ['EXPIRED', 'expired'],
  ])('%s means that the archive is %s', (status, availability) => {
    expect(availabilityOf(status)).toBe(availability);
    expect(isDocumented(status)).toBe(true);
  });

  it('is one of the seven in the guide', () => {
    expect(Object.keys(PLATFORM_STATUSES)).toHaveLength(7);
  });

  it('means in progress if it is undocumented, so that it causes no abandon', () => {
    const undocumented = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'available',
        'Available',
        'AVAILABLE ',
        ' EXPIRED',
        'DELETED',
        'constructor',
        '__proto__',
        '',
      ),
    );
    fc.assert(
      fc.property(undocumented, (status) => {
        fc.pre(!Object.keys(PLATFORM_STATUSES).includes(status));
        expect(availabilityOf(status)).toBe('inProgress');
        expect(isDocumented(status)).toBe(false);
      }),
    );
  });
});
