import type { ArchivesSpec } from '../../../src/simulator';
import { planException } from './exceptions';
import type { PlannedArchive, PlannedConference } from './planned';
import type { Random } from './random';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Archives of a few KiB to some tens of MiB, whose announcements come all through the trial. */
export function planConferences(
  random: Random,
  trial: number,
  lengthMs: number,
): readonly PlannedConference[] {
  return Array.from({ length: random.whole(3, 5) }, (_, index) => {
    const conferenceId = `t${trial}-c${index + 1}`;
    const atMs = random.between(0, lengthMs * 0.8);
    const count = random.pick([1, 1, 2, 3, 4]);
    const archives = Array.from({ length: count }, (__, place) =>
      planArchive(random, conferenceId, `${conferenceId}-a${place + 1}`),
    );
    if (random.chance(0.12)) return { atMs, archives: planException(random, archives) };
    return { atMs, archives: random.chance(0.12) ? byStrangers(random, archives) : archives };
  });
}

/** Somebody else abandons the conference: sooner or later than Archivist does, and before or after there is a copy. */
function byStrangers(random: Random, archives: readonly PlannedArchive[]): readonly PlannedArchive[] {
  const forMs = Math.round(random.between(100, 5_000));
  const statuses = [{ status: 'AVAILABLE', forMs }, { status: 'ABANDONED' }];
  return archives.map((archive) => ({ ...archive, spec: { ...archive.spec, statuses } }));
}

function planArchive(random: Random, conferenceId: string, archiveId: string): PlannedArchive {
  const size = random.chance(0.7) ? random.magnitude(4 * KIB, MIB) : random.magnitude(MIB, 48 * MIB);
  return {
    archiveId,
    spec: {
      archiveId,
      conferenceId,
      size,
      statuses: planCourse(random),
      notify: { when: random.pick(['available', 'available', 'created']), times: random.whole(1, 4) },
    },
  };
}

function planCourse(random: Random): NonNullable<ArchivesSpec['statuses']> {
  const available = { status: 'AVAILABLE' };
  const forMs = (): number => Math.round(random.between(100, 4_000));
  const courses = [
    () => [available],
    () => [available],
    () => [{ status: 'PROCESSING', forMs: forMs() }, { status: 'PACKING', forMs: forMs() }, available],
    () => [{ status: 'ARTIFACT_GATHERING_COMPLETE', forMs: forMs() }, available],
    () => [{ status: 'SOMETHING_NEW', forMs: forMs() }, available],
    () => [{ status: 'FAILED', forMs: forMs(), error: 'Out of space.' }, available],
    () => [available, { status: 'PACKING', forMs: forMs() }, available].map(withDuration(forMs())),
  ] as const;
  return random.pick(courses)();
}

/** What is AVAILABLE for a while only needs a duration as well. */
function withDuration(forMs: number) {
  return (step: { readonly status: string; readonly forMs?: number }) => ({ forMs, ...step });
}
