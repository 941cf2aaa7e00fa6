import { claimOf, type TemporalSite } from './temporal-site';

/** What a claim ran into: what it waits to try again after, needs a person for, or did again in another step. */
export async function failuresOf(
  site: Pick<TemporalSite, 'client'>,
  archiveId: string,
): Promise<readonly unknown[]> {
  const described = await claimOf(site, archiveId)
    .describe()
    .catch(() => undefined);
  if (described === undefined) return [];
  const { raw } = described;
  const pending = (raw.pendingActivities ?? []).map(
    ({ lastFailure }) => lastFailure?.applicationFailureInfo?.type,
  );
  const { attention } = await claimOf(site, archiveId).query<{ attention?: string }>('progress');
  const { events } = await claimOf(site, archiveId).fetchHistory();
  const failed = (events ?? []).map(
    (event) => event.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.type,
  );
  return [...pending, attention, ...failed];
}
