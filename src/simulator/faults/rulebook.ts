import { Rule, type Choice, type RequestFacts } from './rule';
import type { Fault } from './rules';

/** What faults the requests of a tenant meet. */
export class Rulebook {
  #rules: readonly Rule[] = [];
  readonly #byArchive = new Map<string, readonly Rule[]>();

  get isEmpty(): boolean {
    return this.#rules.length === 0 && this.#byArchive.size === 0;
  }

  /** Sets the rules for all requests, in place of those before. */
  set(faults: readonly Fault[], seed: string): void {
    this.#rules = rulesOf(faults, seed);
  }

  /** Sets the rules of one archive, which come before those for all. */
  setFor(archiveId: string, faults: readonly Fault[], seed: string): void {
    if (faults.length > 0) this.#byArchive.set(archiveId, rulesOf(faults, seed));
  }

  clear(): void {
    this.#rules = [];
    this.#byArchive.clear();
  }

  /** The first rule that matches. */
  choose(request: RequestFacts): Choice | undefined {
    const own = request.archiveIds.flatMap((archiveId) => this.#byArchive.get(archiveId) ?? []);
    return own.find((rule) => rule.matches(request)) ?? this.#rules.find((rule) => rule.matches(request));
  }
}

function rulesOf(faults: readonly Fault[], seed: string): readonly Rule[] {
  return faults.map((fault, index) => new Rule(fault, `${seed}\n${index}`));
}
