import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Exception } from './checker/evidence';
import { TENANT } from './site/platform';

/** How far a claim is. */
export interface Look {
  readonly run: 'none' | 'running' | 'completed' | 'failed';
  readonly state?: string | undefined;
  /** Why it needs a person, if it does. */
  readonly attention?: string | undefined;
}

const ANSWER_MS = 5_000;

/** Looks at the claim of an archive. What gives no answer in time counts as running. */
export async function lookAt(temporal: Client, archiveId: string): Promise<Look> {
  const handle = temporal.workflow.getHandle(`claim:${TENANT}:${archiveId}`);
  try {
    return await temporal.withDeadline(Date.now() + ANSWER_MS, async () => {
      const { status, typedSearchAttributes } = await handle.describe();
      const shown = typedSearchAttributes.get({ name: 'ArchivistState', type: 'KEYWORD' });
      if (status.name === 'COMPLETED') return { run: 'completed', state: shown };
      if (status.name !== 'RUNNING') return { run: 'failed' };
      const { state, attention } = await handle.query<Pick<Look, 'state' | 'attention'>>('progress');
      return { run: 'running', state, attention };
    });
  } catch (error) {
    return { run: error instanceof WorkflowNotFoundError ? 'none' : 'running' };
  }
}

/** Whether the claim is where it must be in the end. */
export function hasEnded(exception: Exception | undefined, { run, state, attention }: Look): boolean {
  switch (exception?.end) {
    case 'attention':
      return exception.reasons.includes(attention ?? '');
    case 'flawed':
    case 'secured':
      return run === 'completed' && state === 'secured';
    case 'copy':
      return run === 'completed' && (state === 'secured' || state === 'abandoned');
    case 'givenUp':
      // Given up in time, it never had a claim.
      return run !== 'running';
    case undefined:
      return run === 'completed' && state === 'abandoned';
  }
}
