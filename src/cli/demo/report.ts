import { join } from 'node:path';
import { formatBytes, say as sayLine, sayJson, table } from '../output';
import { DEMO_TENANT, type Stage } from './stage';
import type { Verdict } from './verdict';

export interface Summary {
  readonly archives: number;
  readonly secured: number;
  readonly abandoned: number;
  /** Notifications that were answered with `duplicate`. */
  readonly duplicates: number;
  readonly unsafeAbandons: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Of one claim. */
  readonly historyEvents: { readonly min: number; readonly max: number };
  readonly folder: string;
}

export function sumUp({ folder }: Stage, verdicts: readonly Verdict[], elapsedMs: number): Summary {
  const events = verdicts.map(({ act }) => act.view?.historyEvents ?? 0);
  return {
    archives: verdicts.length,
    secured: verdicts.filter(({ secured }) => secured).length,
    abandoned: verdicts.filter(({ abandoned }) => abandoned).length,
    duplicates: sum(verdicts.map(({ duplicates }) => duplicates)),
    unsafeAbandons: sum(verdicts.map(({ unsafeAbandons }) => unsafeAbandons)),
    bytes: sum(verdicts.map(({ secured, act }) => (secured ? act.sizeBytes : 0))),
    seconds: Math.round(elapsedMs / 100) / 10,
    historyEvents: { min: Math.min(...events), max: Math.max(...events) },
    folder,
  };
}

/** Every archive secured and abandoned, each by exactly one abandon that took effect, none too early. */
export function isGood(
  { archives, secured, abandoned, unsafeAbandons }: Summary,
  verdicts: readonly Verdict[],
): boolean {
  const isOnce = verdicts.every(({ effects }) => effects === 1);
  return secured === archives && abandoned === archives && unsafeAbandons === 0 && isOnce;
}

export function say(stage: Stage, verdicts: readonly Verdict[], summary: Summary, json: boolean): void {
  if (json) {
    sayJson(summary);
    return;
  }
  const head = ['ARCHIVE', 'ANNOUNCED', 'SIZE', 'SECONDS', 'STATE', 'EVENTS', 'COPY', 'PLATFORM'];
  sayLine(`\n${table([head, ...verdicts.map(rowOf)])}\n`);
  sayLine(
    `${summary.secured} of ${summary.archives} secured, ${summary.abandoned} abandoned, ${summary.unsafeAbandons} unsafe, ${formatBytes(summary.bytes)} in ${summary.seconds} s`,
  );
  sayLine(`bags         ${join(stage.folder, 'data', 'archives', DEMO_TENANT)}`);
  sayLine(
    `ledger       ${stage.ledger} (archivist list --config ${join(stage.folder, 'archivist.yaml')}, while it is up: --keep)`,
  );
  sayLine(`Temporal UI  ${stage.temporalUi} (while it is up: --keep)`);
}

function rowOf({ act, secured, abandoned, effects, unsafeAbandons }: Verdict): string[] {
  const seconds = act.ended === undefined ? '' : ((act.ended - act.begun) / 1000).toFixed(1);
  const platform = `${abandoned ? 'abandoned' : 'kept'}${effects === 1 ? '' : ` ${effects} times`}${unsafeAbandons > 0 ? ', UNSAFE' : ''}`;
  const { archiveId, announcement, sizeBytes, view } = act;
  return [
    archiveId,
    announcement,
    formatBytes(sizeBytes),
    seconds,
    view?.state ?? 'never begun',
    String(view?.historyEvents ?? ''),
    secured ? 'right' : 'WRONG',
    platform,
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
