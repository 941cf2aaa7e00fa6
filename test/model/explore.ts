import { initialState, type Scenario } from './actors';
import { Context, Violation, type Emit } from './context';
import { stuckStates, type Graph } from './liveness';
import type { Rules } from './rules';
import { ABANDONED, ABANDONED_BY_OTHERS, ARCHIVES, encodeState, END, type State } from './state';
import { takeSteps } from './steps';

export interface Exploration {
  readonly states: number;
  /** States in which an abandon of ours took effect: nothing holds for want of trying. */
  readonly effects: number;
  /** What was broken first, and the steps to it. */
  readonly violation?: string;
  readonly trace?: readonly string[];
}

const MOST_STATES = 3_000_000;

/** Tries all interleavings of a scenario's actors, breadth first. A stall is no step: the actor is just not scheduled any more. */
export function explore(scenario: Scenario, rules: Rules): Exploration {
  const ids = new Map<string, number>();
  const graph: Graph = { parents: [], labels: [], back: [], good: [], asked: [] };
  const queue: (State | undefined)[] = [];
  let effects = 0;
  const add = (s: State, parent: number, label: string): number => {
    const key = encodeState(s);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = ids.size;
    ids.set(key, id);
    graph.parents.push(parent);
    graph.labels.push(label);
    graph.back.push([]);
    graph.good.push(scenario.goal ? scenario.goal(s) : isResolved(s, scenario, rules));
    graph.asked.push(scenario.from?.(s) ?? true);
    effects += s.platform.some(({ status }) => status === ABANDONED) ? 1 : 0;
    queue.push(s);
    return id;
  };
  add(initialState(scenario), -1, '');
  for (let id = 0; id < queue.length; id += 1) {
    const s = queue[id]!;
    queue[id] = undefined;
    let broken: Exploration | undefined;
    const emit: Emit = (label, isFree, actor, make) => {
      if (broken) return;
      try {
        const next = add(make(), id, label);
        if (scenario.goal ? actor !== scenario.without || actor === undefined : isFree)
          graph.back[next]!.push(id);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        broken = { states: ids.size, effects, violation: error.message, trace: traceTo(graph, id, label) };
      }
    };
    const context = new Context(s, scenario, rules, emit);
    takeSteps(context);
    if (broken) return broken;
    if (isDeadlock(context.waits))
      return {
        states: ids.size,
        effects,
        violation: 'two transactions wait for each other',
        trace: traceTo(graph, id),
      };
    if (ids.size > MOST_STATES) throw new Error('The scenario has too many states.');
  }
  const stuck = stuckStates(graph)[0];
  if (stuck === undefined) return { states: ids.size, effects };
  const violation = scenario.goal
    ? 'I4: the conference can never be abandoned any more'
    : 'I3: never decided, or the ledger never says what is true';
  return { states: ids.size, effects, violation, trace: traceTo(graph, stuck) };
}

/**
 * The ledger says what is true, and, if requests are over some day (`settling`), no flight is open, and everybody who asked was
 * answered.
 */
function isResolved(s: State, scenario: Scenario, rules: Rules): boolean {
  const isTrue = ARCHIVES.every(
    (x) => !s.rows[x] || ![ABANDONED, ABANDONED_BY_OTHERS].includes(s.platform[x].status) || s.rows[x].told,
  );
  const isAnswered = scenario.actors.every(
    (actor, i) =>
      actor.type !== 'order' || !s.rows[actor.x] || s.actors[i]!.step >= END || s.answers[actor.x] !== 0,
  );
  return isTrue && (!rules.settling || (isAnswered && s.flights.every(({ over }) => over)));
}

function isDeadlock(waits: Context['waits']): boolean {
  const next = (i: number): number[] => waits.filter(([waiter]) => waiter === i).map(([, owner]) => owner);
  return waits.some(([first]) => {
    const seen = new Set<number>();
    const leadsBack = (i: number): boolean =>
      !seen.has(i) && (seen.add(i), next(i).some((j) => j === first || leadsBack(j)));
    return leadsBack(first);
  });
}

function traceTo({ parents, labels }: Graph, state: number, ...last: string[]): string[] {
  const trace = last;
  for (let id = state; parents[id]! >= 0; id = parents[id]!) trace.unshift(labels[id]!);
  return trace;
}
