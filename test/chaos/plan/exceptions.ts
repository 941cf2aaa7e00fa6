import type { ArchivesSpec } from '../../../src/simulator';
import type { PlannedArchive } from './planned';
import type { Random } from './random';

/** What makes an archive impossible to claim, and the reason that a person must then be given. */
interface Obstacle {
  readonly reason: string;
  readonly spec: ArchivesSpec;
}

const OBSTACLES: readonly [Obstacle, ...Obstacle[]] = [
  { reason: 'ZipUnreadable', spec: { content: 'notAZip' } },
  { reason: 'ZipUnreadable', spec: { content: 'cutZip' } },
  { reason: 'ChecksumMissing', spec: { record: { sha256CheckSum: null } } },
  { reason: 'ChecksumMismatch', spec: { record: { sha256CheckSum: 'ab'.repeat(32) } } },
  { reason: 'ChecksumMismatch', spec: { faults: [{ fault: 'flipBit' }] } },
  {
    reason: 'PlatformFailed',
    spec: { statuses: [{ status: 'FAILED', error: 'Out of space.' }], notify: { when: 'created' } },
  },
];

/** The same archives, the first of them impossible to claim; the others, if there are any, must wait for it. */
export function planException(
  random: Random,
  [first, ...others]: readonly PlannedArchive[],
): readonly PlannedArchive[] {
  if (first === undefined) return [];
  const { reason, spec } = random.pick(OBSTACLES);
  return [
    { ...first, spec: { ...first.spec, ...spec }, exception: { end: 'attention', reasons: [reason] } },
    ...others.map((other) => ({ ...other, exception: { end: 'secured' as const } })),
  ];
}
