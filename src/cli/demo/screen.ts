import { formatBytes, table } from '../output';
import type { Act } from './follow';

/** Shows progress: on a terminal in place, elsewhere a line for every change of state. */
export function createScreen(acts: readonly Act[], out: NodeJS.WriteStream): () => void {
  return out.isTTY ? inPlace(acts, out) : lineByLine(acts, out);
}

function inPlace(acts: readonly Act[], out: NodeJS.WriteStream): () => void {
  let drawn = 0;
  return () => {
    const room = Math.max((out.rows || 24) - 3, 5);
    const shown = [...acts]
      .sort((a, b) => Number(a.ended !== undefined) - Number(b.ended !== undefined))
      .slice(0, room);
    const ended = acts.filter((act) => act.ended !== undefined).length;
    const lines = [...table(shown.map(rowOf)).split('\n'), `${ended} of ${acts.length} ended`];
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    out.write(`${up}\u001b[J${lines.map((line) => line.slice(0, (out.columns || 80) - 1)).join('\n')}\n`);
    drawn = lines.length;
  };
}

function lineByLine(acts: readonly Act[], out: NodeJS.WriteStream): () => void {
  const told = new Map<Act, string>();
  return () => {
    for (const act of acts) {
      const state = act.view?.state;
      if (state === undefined || told.get(act) === state) continue;
      told.set(act, state);
      out.write(`${rowOf(act).filter(Boolean).join('  ')}\n`);
    }
  };
}

function rowOf({ archiveId, announcement, sizeBytes, view }: Act): string[] {
  const { state = '…', transfer } = view ?? {};
  const isMoving = transfer !== undefined && (state === 'downloading' || state === 'verifying');
  const bytes = isMoving
    ? `${formatBytes(transfer.bytes)} of ${formatBytes(sizeBytes)}`
    : formatBytes(sizeBytes);
  return [archiveId, announcement, state, bytes, isMoving ? `${formatBytes(transfer.bytesPerSecond)}/s` : ''];
}
