import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { CLAIM_ARCHIVE } from '../domain/claim';
import { WATCH_EXPIRY } from '../domain/expiry';
import type { TenantId } from '../domain/ids';
import { CLAIM_STATES, type ClaimState } from '../domain/states';

/** What Temporal remembers of a claim. */
interface ListedClaim {
  readonly tenant: string;
  readonly archiveId: string;
  readonly state: string;
  readonly conferenceId?: string;
}

/** A run that goes on in another one is told of by that. */
const LATEST_RUN = `ExecutionStatus != 'ContinuedAsNew'`;

/**
 * Claims by their search attributes, the latest first, as far back as the namespace remembers them. The watch over what was
 * abandoned ends later than its claim and knows more: it comes first, and its word counts.
 */
export async function listClaims(
  client: Client,
  {
    state,
    tenant,
    limit,
  }: { readonly state?: ClaimState; readonly tenant?: TenantId; readonly limit: number },
): Promise<ListedClaim[]> {
  const query = [
    `WorkflowType IN ('${CLAIM_ARCHIVE}', '${WATCH_EXPIRY}')`,
    LATEST_RUN,
    ...(tenant === undefined ? [] : [`ArchivistTenant = '${tenant}'`]),
  ].join(' AND ');
  const seen = new Set<string>();
  const claims = [];
  for await (const workflow of client.workflow.list({ query, pageSize: Math.min(limit, 1000) })) {
    const [, ...names] = workflow.workflowId.split(':');
    const archive = names.join(':');
    if (seen.has(archive)) continue;
    seen.add(archive);
    const claim = claimIn(workflow);
    if (state === undefined || claim.state === state) claims.push(claim);
    if (claims.length === limit) break;
  }
  return claims;
}

function claimIn({ typedSearchAttributes: attributes }: WorkflowExecutionInfo): ListedClaim {
  const conferenceId = attributes.get({ name: 'ArchivistConferenceId', type: 'KEYWORD' });
  return {
    tenant: attributes.get({ name: 'ArchivistTenant', type: 'KEYWORD' }) ?? '',
    archiveId: attributes.get({ name: 'ArchivistArchiveId', type: 'KEYWORD' }) ?? '',
    state: attributes.get({ name: 'ArchivistState', type: 'KEYWORD' }) ?? 'announced',
    ...(conferenceId !== undefined && { conferenceId }),
  };
}

/** How many claims are in each state, as far back as the namespace remembers them. */
export async function countClaims(client: Client): Promise<Readonly<Record<ClaimState, number>>> {
  const counts = new Map<ClaimState, number>();
  for (const state of CLAIM_STATES) counts.set(state, await countOf(client, CLAIM_ARCHIVE, state));
  for (const state of ['closed', 'attention'] as const) {
    const watched = await countOf(client, WATCH_EXPIRY, state);
    counts.set(state, (counts.get(state) ?? 0) + watched);
    counts.set('abandoned', Math.max((counts.get('abandoned') ?? 0) - watched, 0));
  }
  return Object.fromEntries(counts) as Record<ClaimState, number>;
}

async function countOf(client: Client, type: string, state: ClaimState): Promise<number> {
  const query = `WorkflowType = '${type}' AND ArchivistState = '${state}' AND ${LATEST_RUN}`;
  return (await client.workflow.count(query)).count;
}
