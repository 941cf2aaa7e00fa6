import type { WatchPhase, WatchProgress } from '../domain/expiry';
import { FAILURES } from '../domain/failures';

/** What happens in each phase. */
const TEXTS: Readonly<Record<WatchPhase, string>> = {
  waiting: 'The platform was told that it may delete its file. Nothing is due yet.',
  verifying: 'The stored copy is read back whole. The pending activity tells bytes and speed.',
  repairing: 'The stored copy is damaged or gone. It is downloaded again while the platform has the file.',
  asking: 'The platform is asked for the record until it says EXPIRED.',
  closed: 'The platform deleted its file, and the copy was right after that.',
};

/** The watch's current details, in Markdown, for the Temporal UI. */
export function detailsOf({
  tenant,
  archiveId,
  conferenceId,
  state,
  phase,
  since,
  recheckAt,
  expiresAt,
  attention,
  cause,
}: WatchProgress): string {
  return [
    `### ${state}`,
    `${TEXTS[phase]} Since ${since}.`,
    ...(attention === undefined
      ? []
      : [
          `**${attention}**: ${FAILURES[attention].meaning} ${FAILURES[attention].remedy}`,
          ...(cause === undefined ? [] : [`Because of **${cause}**: ${FAILURES[cause].meaning}`]),
        ]),
    '',
    `| | |\n| --- | --- |`,
    `| tenant | \`${tenant}\` |`,
    `| archive | \`${archiveId}\` |`,
    ...(conferenceId === undefined ? [] : [`| conference | \`${conferenceId}\` |`]),
    ...(recheckAt === undefined ? [] : [`| copy verified again | ${recheckAt} |`]),
    ...(expiresAt === undefined ? [] : [`| platform asked | from ${expiresAt} on |`]),
    '',
    `**What you can do**: ${
      state === 'closed'
        ? 'Nothing is left to do.'
        : 'Send the signal `recheck` to have the copy verified, and the platform asked, at once.'
    }`,
  ].join('\n');
}
