import { randomBytes } from 'node:crypto';
import type { ArchivePlan } from '../archives/archive';
import { hasFile, type Step } from '../archives/course';
import { MINIMUM_SIZE_BYTES } from '../content/archive-zip';
import type { ArchivesOrder } from './specs';

/** The plans of the archives that are ordered. Where there are several, the ids and the seed get numbers from 1. */
export function archivePlans(
  order: ArchivesOrder,
  expirationMs: number,
  onceAvailable: ArchivePlan['onceAvailable'],
): readonly ArchivePlan[] {
  const expireAfterMs = order.expireAfterMs ?? expirationMs;
  return Array.from({ length: order.count }, (_, index) => {
    const numbered = (name: string) => (order.count === 1 ? name : `${name}-${index + 1}`);
    const archiveId = order.archiveId === undefined ? randomId() : numbered(order.archiveId);
    const seed = order.seed === undefined ? archiveId : numbered(order.seed);
    return {
      archiveId,
      conferenceId: order.conferenceId ?? randomId(),
      blueprint: { seed, sizeBytes: Math.max(order.size, MINIMUM_SIZE_BYTES), content: order.content },
      steps: stepsOf(order, expireAfterMs),
      expireAfterMs,
      record: order.record,
      onceAvailable,
    };
  });
}

/** What begins with a finished file is PACKING until there is one; what ends ABANDONED expires. */
function stepsOf({ statuses }: ArchivesOrder, expireAfterMs: number): readonly Step[] {
  const steps: Step[] = statuses.map((step, index) => ({
    ...step,
    cause: index === 0 ? 'created' : 'course',
  }));
  const [first] = steps;
  const last = steps.at(-1);
  if (first && hasFile(first.status)) {
    steps.splice(0, 1, { status: 'PACKING', forMs: 0, cause: 'created' }, { ...first, cause: 'course' });
  }
  if (last?.status === 'ABANDONED') {
    steps.splice(
      -1,
      1,
      { ...last, forMs: expireAfterMs, cause: 'course' },
      { status: 'EXPIRED', forMs: 0, cause: 'expiry' },
    );
  }
  return steps;
}

function randomId(): string {
  return randomBytes(12).toString('hex');
}
