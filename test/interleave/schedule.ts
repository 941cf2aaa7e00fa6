import { Random } from '../chaos/plan/random';

/**
 * What decides everything that happens in a run: a seed, or the draws that it led to. Where there are no more draws, nothing unusual
 * happens any more: nobody intervenes, and the actors go on one after the other.
 */
export interface Schedule {
  readonly seed: string;
  readonly draws?: readonly number[];
}

/** The draw that brings about the least: no chance comes true, and of several things the last one is picked. */
export const CALM = 0.9999;

/** The chances of one run, written down as they are drawn, so that a run can be repeated with some of them changed. */
export class Draws extends Random {
  readonly drawn: number[] = [];
  readonly #draws: readonly number[] | undefined;

  constructor({ seed, draws }: Schedule) {
    super(seed);
    this.#draws = draws;
  }

  override share(): number {
    // Four digits tell the choices apart, and keep a schedule short that is written down.
    const draw = this.#draws
      ? (this.#draws[this.drawn.length] ?? CALM)
      : Math.floor(super.share() * 10_000) / 10_000;
    this.drawn.push(draw);
    return draw;
  }
}
