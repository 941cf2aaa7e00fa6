/** The states that a search has seen, in the order in which it saw them, with the steps between them. */
export interface Graph {
  readonly parents: number[];
  readonly labels: string[];
  /** By state, those from which a step that will be taken in the end leads to it. */
  readonly back: number[][];
  readonly good: boolean[];
  readonly asked: boolean[];
}

/** The states from which no good one can be reached by time, the sweep, the asking person and dying transactions alone. */
export function stuckStates({ good, asked, back }: Graph): number[] {
  const canEndWell = [...good];
  const todo = good.flatMap((isGood, id) => (isGood ? [id] : []));
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    for (const before of back[id]!) {
      if (canEndWell[before]) continue;
      canEndWell[before] = true;
      todo.push(before);
    }
  }
  return canEndWell.flatMap((ends, id) => (!ends && asked[id] ? [id] : []));
}
