import type { ArchivesSpec } from '../../../src/simulator';
import type { Exception } from '../checker/evidence';
import type { PlannedArchive } from './planned';
import type { Random } from './random';

/** What keeps an archive from being abandoned without a person, and how it must end then. */
interface Obstacle {
  readonly exception: Exception;
  readonly spec: ArchivesSpec;
}

const OBSTACLES: readonly [Obstacle, ...Obstacle[]] = [
  { exception: { end: 'flawed' }, spec: { content: 'notAZip' } },
  { exception: { end: 'flawed' }, spec: { content: 'cutZip' } },
  { exception: attention('ChecksumMissing'), spec: { record: { sha256CheckSum: null } } },
  { exception: attention('ChecksumMismatch'), spec: { record: { sha256CheckSum: 'ab'.repeat(32) } } },
  { exception: attention('ChecksumMismatch'), spec: { faults: [{ fault: 'flipBit' }] } },
  {
    exception: attention('PlatformFailed'),
    spec: { statuses: [{ status: 'FAILED', error: 'Out of space.' }], notify: { when: 'created' } },
  },
];

/** The same archives, the first of them with an obstacle; the others, if there are any, must wait for it. */
export function planException(
  random: Random,
  [first, ...others]: readonly PlannedArchive[],
): readonly PlannedArchive[] {
  if (first === undefined) return [];
  const { exception, spec } = random.pick(OBSTACLES);
  return [
    { ...first, spec: { ...first.spec, ...spec }, exception },
    ...others.map((other) => ({ ...other, exception: { end: 'secured' as const } })),
  ];
}

function attention(reason: string): Exception {
  return { end: 'attention', reasons: [reason] };
}
