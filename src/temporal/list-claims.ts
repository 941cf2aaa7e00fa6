import type { Client } from '@temporalio/client';
import { CLAIM_ARCHIVE } from '../domain/claim';
import type { TenantId } from '../domain/ids';
import { CLAIM_STATES, type ClaimState } from '../domain/states';

/** Claims by their search attributes, the latest first, as far back as the namespace remembers them. */
export async function listClaims(
  client: Client,
  {
    state,
    tenant,
    limit,
  }: { readonly state?: ClaimState; readonly tenant?: TenantId; readonly limit: number },
): Promise<
  {
    readonly tenant: string;
    readonly archiveId: string;
    readonly state: string;
    readonly conferenceId?: string;
  }[]
> {
  const query = [
    `WorkflowType = '${CLAIM_ARCHIVE}'`,
    ...(state === undefined ? [] : [`ArchivistState = '${state}'`]),
    ...(tenant === undefined ? [] : [`ArchivistTenant = '${tenant}'`]),
  ].join(' AND ');
  const claims = [];
  for await (const { typedSearchAttributes } of client.workflow.list({
    query,
    pageSize: Math.min(limit, 1000),
  })) {
    const conferenceId = typedSearchAttributes.get({ name: 'ArchivistConferenceId', type: 'KEYWORD' });
    claims.push({
      tenant: typedSearchAttributes.get({ name: 'ArchivistTenant', type: 'KEYWORD' }) ?? '',
      archiveId: typedSearchAttributes.get({ name: 'ArchivistArchiveId', type: 'KEYWORD' }) ?? '',
      state: typedSearchAttributes.get({ name: 'ArchivistState', type: 'KEYWORD' }) ?? 'announced',
      ...(conferenceId !== undefined && { conferenceId }),
    });
    if (claims.length === limit) break;
  }
  return claims;
}

/** How many claims are in each state, as far back as the namespace remembers them. */
export async function countClaims(client: Client): Promise<Readonly<Record<ClaimState, number>>> {
  const counts = new Map<ClaimState, number>();
  for (const state of CLAIM_STATES) {
    const query = `WorkflowType = '${CLAIM_ARCHIVE}' AND ArchivistState = '${state}'`;
    counts.set(state, (await client.workflow.count(query)).count);
  }
  return Object.fromEntries(counts) as Record<ClaimState, number>;
}
