import { claimOf, type Stage } from './stage';

/** What a claim ran into: what it waits to try again after, needs a person for, or did again in another step. */
export async function failuresOf(
  stage: Pick<Stage, 'client'>,
  archiveId: string,
): Promise<readonly unknown[]> {
  const described = await claimOf(stage, archiveId)
    .describe()
    .catch(() => undefined);
  if (described === undefined) return [];
  const { raw } = described;
  const pending = (raw.pendingActivities ?? []).map(
    ({ lastFailure }) => lastFailure?.applicationFailureInfo?.type,
  );
  const { attention } = await claimOf(stage, archiveId).query<{ attention?: string }>('progress');
  const { events } = await claimOf(stage, archiveId).fetchHistory();
  const failed = (events ?? []).map(
    (event) => event.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.type,
  );
  return [...pending, attention, ...failed];
}
