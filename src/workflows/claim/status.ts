import { setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { AbandonObstacle, ClaimProgress } from '../../domain/claim';
import { FAILURES, type FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { ClaimState } from '../../domain/states';
import { progress } from '../messages';
import { publish } from '../run';

/** What a claim learns while it runs. */
type Known = Partial<Pick<ClaimProgress, 'conferenceId' | 'sizeBytes' | 'waitsFor'>>;

interface Attention {
  readonly reason: FailureType;
  /** ISO 8601; absent if an earlier run began it. */
  readonly since?: string;
}

/** The visible status of a claim: the query `progress`, the search attributes and the details in the Temporal UI. */
export class ClaimStatus {
  #shown: Omit<ClaimProgress, 'attention'>;
  #attention: Attention | undefined;

  constructor(key: ArchiveKey, deadlineAt: number, attention: FailureType | undefined) {
    this.#shown = { ...key, state: 'announced', since: now(), deadline: iso(deadlineAt) };
    this.#attention = attention && { reason: attention };
    setHandler(progress, () => this.progress);
    this.#showDetails();
    // A claim that was started by hand has no search attributes.
    if (
      workflowInfo().typedSearchAttributes.get({ name: 'ArchivistArchiveId', type: 'KEYWORD' }) === undefined
    )
      this.publish();
  }

  get progress(): ClaimProgress {
    return { ...this.#shown, ...(this.#attention && { attention: this.#attention.reason }) };
  }

  /**
   * Moves to `state`. A search attribute costs an event and a write to Temporal's visibility store: a state that is usually over
   * before anybody could find it is not published; the query and the details still show it.
   */
  setState(state: ClaimState, known: Known = {}, { publish = true } = {}): void {
    const { conferenceId, sizeBytes, waitsFor } = { ...this.#shown, ...known };
    this.#shown = { ...this.#shown, conferenceId, sizeBytes, waitsFor, state, since: now() };
    // While the claim waits for the record, the problem that needs a person may persist.
    if (state !== 'waiting') this.#attention = undefined;
    this.#showDetails();
    if (publish) this.publish();
  }

  needPerson(reason: FailureType): void {
    if (this.#attention?.reason !== reason) this.#attention = { reason, since: now() };
    this.#showDetails();
    this.publish();
  }

  setDeadline(at: number): void {
    this.#shown = { ...this.#shown, deadline: iso(at) };
    this.#showDetails();
    this.publish();
  }

  /** Updates the search attributes that have changed. */
  publish(): void {
    const { tenant, archiveId, conferenceId, state, deadline } = this.#shown;
    publish({
      tenant,
      archiveId,
      conferenceId,
      state: this.#attention ? 'attention' : state,
      deadline: new Date(deadline),
    });
  }

  #showDetails(): void {
    setCurrentDetails(detailsOf(this.progress, this.#attention));
  }
}

/** What happens in each state, and what a person can do then. `ID` stands for the archive's id. */
const TEXTS: Readonly<Record<ClaimState, { readonly now: string; readonly advice: string }>> = {
  announced: { now: 'The claim has begun.', advice: 'Nothing needs to be done.' },
  waiting: {
    now: 'The claim asks the platform for the record until the archive is available.',
    advice: 'The signal `announced` has it ask at once; `archivist decide ID giveUp` ends the claim.',
  },
  downloading: {
    now: 'A worker downloads the archive. The pending activity shows bytes and speed.',
    advice: 'Nothing needs to be done: a download that breaks off goes on by itself.',
  },
  verifying: {
    now: 'A worker reads the copy back from the store and compares it with the record.',
    advice: 'Nothing needs to be done.',
  },
  secured: {
    now: 'The copy is proven, sealed and recorded. Next, a worker tells the platform that it may delete its file.',
    advice: '`archivist hold ID` keeps the archive from being abandoned.',
  },
  abandoned: {
    now: 'The platform confirmed that it may delete its file.',
    advice: 'Nothing is left to do: the sweep verifies the copy again before the platform deletes its own.',
  },
  closed: {
    now: 'The platform deleted its file, and the copy was right after that.',
    advice: 'Nothing is left to do.',
  },
  failed: {
    now: 'The claim ended without success.',
    advice:
      '`archivist status ID` shows what the ledger knows; `archivist claim ID` claims the archive after all.',
  },
  missed: {
    now: 'The archive expired before there was a copy.',
    advice: 'Ask the platform whether it can be restored.',
  },
};

const IN_TROUBLE =
  'Remove the cause. The claim tries again by itself every 6 hours, and at once by `archivist decide ID retry`; `archivist decide ID giveUp` ends it, `archivist extend ID DURATION` gives it more time.';

/** What a secured claim that has ended waits for, and how that is resolved. */
const OBSTACLES: Readonly<Record<AbandonObstacle, string>> = {
  notSecured:
    'Another archive of the conference is not secured yet. When it is, the abandon is queued by itself.',
  conferenceUnknown:
    'The conference of an archive of the tenant is not known; docs/operations.md says how to find it.',
  held: 'A person holds this or another archive of the conference. `archivist list` shows which; `archivist release` ends a hold.',
  decided:
    'This or another archive of the conference was given up, cancelled, or not claimed in time. `archivist list --state failed` shows which; `archivist claim` claims it after all.',
  warning: 'The copy has a flaw that a person must accept: `archivist decide ID acceptUnreadable`.',
  copyOnly: '`claim.abandon` is off. `archivist abandon ID` has the archive abandoned.',
};

/** The claim's current details, in Markdown, for the Temporal UI. */
function detailsOf(
  { tenant, archiveId, conferenceId, state, since, deadline, sizeBytes, waitsFor }: ClaimProgress,
  attention: Attention | undefined,
): string {
  const { now, advice } = waitsFor
    ? { now: 'The copy is proven, sealed and recorded.', advice: OBSTACLES[waitsFor] }
    : TEXTS[state];
  return [
    `### ${attention ? 'attention' : state}`,
    `${now} Since ${since}.`,
    ...(attention ? [`\n${attentionText(attention)}`] : []),
    '',
    `| | |\n| --- | --- |`,
    `| tenant | \`${tenant}\` |`,
    `| archive | \`${archiveId}\` |`,
    ...(conferenceId === undefined ? [] : [`| conference | \`${conferenceId}\` |`]),
    ...(sizeBytes === undefined ? [] : [`| size | ${sizeBytes} bytes |`]),
    `| deadline | ${deadline} |`,
    '',
    `**What you can do**: ${(attention ? IN_TROUBLE : advice).replaceAll(' ID', ` ${archiveId}`)}`,
  ].join('\n');
}

function attentionText({ reason, since }: Attention): string {
  const { meaning, remedy } = FAILURES[reason];
  return `**${reason}**${since === undefined ? '' : ` since ${since}`}: ${meaning} ${remedy}`;
}

function now(): string {
  return iso(Date.now());
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
