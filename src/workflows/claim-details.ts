import type { ClaimProgress } from '../domain/claim';
import { FAILURES, isFailureType } from '../domain/failures';
import type { ClaimState } from '../domain/states';

/** What happens in each state, and what a person can do then. */
const TEXTS: Readonly<Record<ClaimState, { readonly now: string; readonly advice: string }>> = {
  announced: { now: 'The claim has begun.', advice: 'Nothing needs to be done.' },
  waiting: {
    now: 'The platform is asked for the record until the archive is available.',
    advice: 'Send the signal `announced` to ask again at once.',
  },
  downloading: {
    now: 'The archive is being downloaded. The pending activity tells bytes and speed.',
    advice: 'Nothing needs to be done; a broken download begins again by itself.',
  },
  verifying: {
    now: 'The copy is read back from the store and compared with the record.',
    advice: 'Nothing needs to be done.',
  },
  secured: {
    now: 'The copy is proven, sealed and recorded.',
    advice: 'The platform is told next, unless `claim.abandon` is off.',
  },
  abandoned: {
    now: 'The platform confirmed that it may delete its file.',
    advice: 'Nothing is left to do. The workflow `expiry:…` of the archive sees to the rest.',
  },
  closed: { now: 'The platform deleted its file.', advice: 'Nothing is left to do.' },
  attention: {
    now: 'A person should look at this.',
    advice: 'Remove the cause. It is tried again by itself, and at once by the update `decide` with `retry`.',
  },
  failed: {
    now: 'The claim ended without success.',
    advice: 'Remove the cause and claim the archive again.',
  },
  missed: {
    now: 'The archive expired before there was a copy.',
    advice: 'Ask the platform whether it can be restored.',
  },
};

const HELD = 'it is not abandoned, and has no deadline, until it is released (update `release`).';

/** The claim's current details, in Markdown, for the Temporal UI. */
export function detailsOf({
  tenant,
  archiveId,
  conferenceId,
  state,
  since,
  deadline,
  sizeBytes,
  attention,
  held,
}: ClaimProgress): string {
  const { now, advice } = TEXTS[state];
  const reason = attention !== undefined && isFailureType(attention) ? FAILURES[attention] : undefined;
  return [
    `### ${state}`,
    `${now} Since ${since}.`,
    ...(reason ? [`**${attention}**: ${reason.meaning} ${reason.remedy}`] : []),
    ...(held ? [`**Held** by \`${held.by}\` since ${held.since}: ${HELD}`] : []),
    '',
    `| | |\n| --- | --- |`,
    `| tenant | \`${tenant}\` |`,
    `| archive | \`${archiveId}\` |`,
    ...(conferenceId === undefined ? [] : [`| conference | \`${conferenceId}\` |`]),
    ...(sizeBytes === undefined ? [] : [`| size | ${sizeBytes} bytes |`]),
    ...(deadline === undefined ? [] : [`| deadline | ${deadline} |`]),
    '',
    `**What you can do**: ${advice}`,
  ].join('\n');
}
