import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { loadConfig } from '../../config/load-config';
import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../domain/ids';
import { viewClaim, type ClaimView } from '../../temporal/claim-view';
import type { ArchivesSpec, CreatedArchive } from '../../simulator';
import { give } from '../archives/orders';
import { askLedger } from '../open';
import { formatBytes, tell } from '../output';
import { DEMO_TENANT, type Installation } from './installation';

/** One archive of the demo. */
export interface Act extends CreatedArchive {
  readonly announcement: string;
  readonly begun: number;
  view?: ClaimView;
  /** When its claim was seen to have ended. */
  ended?: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** The first archive is large; the others take these sizes in turn. */
const LARGE = 256 * MIB;
const SIZES = [64 * KIB, MIB, 16 * MIB, 300 * KIB, 4 * MIB];

const BY_HAND = 'by hand';
/** The ways in which the system learns of archives. */
const ANNOUNCEMENTS: readonly (readonly [name: string, spec: ArchivesSpec])[] = [
  ['webhook', { notify: { when: 'available' } }],
  [
    'webhook, early',
    {
      statuses: [
        { status: 'PROCESSING', forMs: 2_000 },
        { status: 'PACKING', forMs: 2_000 },
        { status: 'AVAILABLE' },
      ],
      notify: { when: 'created' },
    },
  ],
  [BY_HAND, { notify: { when: 'never' } }],
  ['webhook, 4 at once', { notify: { when: 'available', times: 4 } }],
];

/** Makes `count` archives that differ in size and in how they are announced; all of `size` bytes if that is given. */
export async function makeArchives(
  installation: Installation,
  count: number,
  size: number | undefined,
): Promise<Act[]> {
  const acts: Act[] = [];
  for (let index = 0; index < count; index += 1) {
    const [announcement = '', spec] = ANNOUNCEMENTS[index % ANNOUNCEMENTS.length] ?? [];
    const usual = index === 0 ? LARGE : SIZES[index % SIZES.length];
    const made = { seed: `demo-${index}`, size: size ?? usual ?? LARGE, ...spec };
    for (const archive of await installation.simulator.createArchives(made)) {
      acts.push({ ...archive, announcement, begun: Date.now() });
      if (announcement === BY_HAND) await claimByHand(installation, archive);
    }
  }
  return acts;
}

/** Claims an archive as `archivist claim` does. */
async function claimByHand({ configFile }: Installation, archive: CreatedArchive): Promise<void> {
  const config = loadConfig(configFile);
  const { answer } = await askLedger(config, (ledger) =>
    give(config, ledger, keyOf(archive), { kind: 'claim', by: DEMO_TENANT }),
  );
  if (answer !== 'confirmed')
    throw new Error(`Archive ${archive.archiveId} could not be claimed by hand: ${answer}.`);
}

const INTERVAL = 300;

/** Polls the claims one by one until all have ended or `limitMs` is over, and reports every change of state. */
export async function follow(client: Client, acts: readonly Act[], limitMs: number): Promise<void> {
  const limit = Date.now() + limitMs;
  for (let open = acts; open.length > 0 && Date.now() < limit;) {
    await pause(INTERVAL);
    for (const act of open) await look(client, act);
    open = open.filter(({ ended }) => ended === undefined);
  }
}

async function look(client: Client, act: Act): Promise<void> {
  const view = await viewClaim(client, keyOf(act));
  if (view === undefined) return;
  const { archiveId, announcement, sizeBytes } = act;
  if (view.state !== act.view?.state)
    tell([archiveId, announcement, view.state, formatBytes(sizeBytes)].join('  '));
  act.view = view;
  if (view.status !== 'RUNNING') act.ended = Date.now();
}

function keyOf({ archiveId }: CreatedArchive): ArchiveKey {
  return { tenant: parseTenantId(DEMO_TENANT), archiveId: parseArchiveId(archiveId) };
}
