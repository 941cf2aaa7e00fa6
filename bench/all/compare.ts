import type { Ratio } from './benches';

/** Ratios by their names, as `bench/figures.json` keeps them. */
export type Figures = Readonly<Record<string, number>>;

export interface Compared extends Ratio {
  /** `undefined` if none was committed. */
  readonly committed: number | undefined;
  readonly isWorse: boolean;
}

/** How much worse than the committed ratio is no longer taken for noise. */
const A_QUARTER = 0.25;

export function compareTo(committed: Figures, ratios: readonly Ratio[]): readonly Compared[] {
  return ratios.map((ratio) => {
    const before = committed[ratio.name];
    return { ...ratio, committed: before, isWorse: before !== undefined && isWorse(ratio, before) };
  });
}

function isWorse({ value, better }: Ratio, before: number): boolean {
  return better === 'higher' ? value < before * (1 - A_QUARTER) : value > before * (1 + A_QUARTER);
}

/** The table for people: a line a ratio, under a heading. */
export function tableOf(compared: readonly Compared[]): readonly string[] {
  const rows = compared.map(({ name, value, committed, better, isWorse }) => [
    name,
    value.toFixed(2),
    committed?.toFixed(2) ?? '-',
    better,
    isWorse ? 'WORSE' : '',
  ]);
  const all = [['ratio', 'now', 'committed', 'better if', ''], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
