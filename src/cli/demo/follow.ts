import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { parseArchiveId, parseTenantId } from '../../domain/ids';
import { viewClaim, type ClaimView } from '../../temporal/claim-view';
import type { CreatedArchive } from '../../simulator';
import type { Announcement } from './plan';
import { DEMO_TENANT } from './stage';

/** One archive on its way. */
export interface Act extends CreatedArchive {
  readonly announcement: Announcement;
  readonly begun: number;
  view?: ClaimView;
  /** When its claim was seen to have ended. */
  ended?: number;
}

const INTERVAL = 300;
/** Claims looked at in one turn, so that following many does not slow them down. */
const AT_ONCE = 20;

/** Looks at the claims in turn until all have ended or `limitMs` is over; tells `show` after every turn. */
export async function follow(
  client: Client,
  acts: readonly Act[],
  limitMs: number,
  show: () => void,
): Promise<void> {
  const limit = Date.now() + limitMs;
  for (let queue = [...acts]; queue.length > 0 && Date.now() < limit;) {
    const turn = queue.slice(0, AT_ONCE);
    await Promise.all(turn.map((act) => look(client, act)));
    queue = [...queue.slice(AT_ONCE), ...turn].filter(({ ended }) => ended === undefined);
    show();
    if (queue.length > 0) await pause(INTERVAL);
  }
}

async function look(client: Client, act: Act): Promise<void> {
  const view = await viewClaim(client, {
    tenant: parseTenantId(DEMO_TENANT),
    archiveId: parseArchiveId(act.archiveId),
  });
  if (view === undefined) return;
  act.view = view;
  if (view.status !== 'RUNNING') act.ended = Date.now();
}
