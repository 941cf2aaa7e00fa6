import { claimOf, type Stage } from './stage';

/** What a claim waits to try again after, or needs a person for. */
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
  return [...pending, attention];
}
