/** When who last saw that a bag is in its place. */
export class Looks {
  /** By actor and archive. */
  readonly #looks = new Map<string, number>();
  /** By actor, when it last asked for the members that it is to look at. */
  readonly #begun = new Map<string, number>();
  /** By archive, when a copy was last proven and sealed, by whomever. */
  readonly #proven = new Map<string, number>();

  sees(actor: string, point: string, archiveId: string | undefined, now: number): void {
    if (point === 'ledger.members') this.#begun.set(actor, now);
    if ((point === 'store.findSealed' || point === 'store.open') && archiveId !== undefined)
      this.#looks.set(`${actor} ${archiveId}`, now);
  }

  proven(archiveId: string, now: number): void {
    this.#proven.set(archiveId, now);
  }

  /** Also what was proven since the actor began to look: its judgement may find that, in place of what it found itself. */
  latestOf(actor: string, archiveId: string): number {
    const own = this.#looks.get(`${actor} ${archiveId}`) ?? -1;
    const proven = this.#proven.get(archiveId) ?? -1;
    return proven > (this.#begun.get(actor) ?? Infinity) ? Math.max(own, proven) : own;
  }
}
