import type { ArchivesSpec } from '../../simulator';

/** How an archive of the demo comes to the system's knowledge. */
export type Announcement = 'webhook' | 'webhook, early' | 'by hand' | 'webhook, 4 at once';

export interface PlannedArchive {
  readonly announcement: Announcement;
  readonly spec: ArchivesSpec;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** The first archive is large; the others go through these. */
const LARGE = 256 * MIB;
const SIZES = [64 * KIB, MIB, 16 * MIB, 300 * KIB, 4 * MIB] as const;
const ANNOUNCEMENTS = [
  'webhook',
  'webhook, early',
  'by hand',
  'webhook, 4 at once',
] as const satisfies readonly Announcement[];

/** `count` archives that differ in size and in how they are announced; all of `size` bytes where that is given. */
export function planArchives(count: number, size?: number): PlannedArchive[] {
  return Array.from({ length: count }, (_, index) => {
    const announcement = ANNOUNCEMENTS[index % ANNOUNCEMENTS.length] ?? 'webhook';
    const usual = index === 0 ? LARGE : SIZES[index % SIZES.length];
    return {
      announcement,
      spec: { seed: `demo-${index}`, size: size ?? usual ?? LARGE, ...courseOf(announcement) },
    };
  });
}

function courseOf(announcement: Announcement): ArchivesSpec {
  switch (announcement) {
    case 'webhook':
      return { notify: { when: 'available' } };
    case 'webhook, early':
      return {
        statuses: [
          { status: 'PROCESSING', forMs: 2_000 },
          { status: 'PACKING', forMs: 2_000 },
          { status: 'AVAILABLE' },
        ],
        notify: { when: 'created' },
      };
    case 'by hand':
      return { notify: { when: 'never' } };
    case 'webhook, 4 at once':
      return { notify: { when: 'available', times: 4 } };
  }
}
