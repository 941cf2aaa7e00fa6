import { createHash } from 'node:crypto';
import type { EndpointName } from '../platform/endpoints';
import type { Fault } from './rules';

/** What rules look at in a request. */
export interface RequestFacts {
  readonly endpoint: EndpointName | 'unknown';
  /** The archives that it addresses: one, those of a conference, or none. */
  readonly archiveIds: readonly string[];
  readonly hasRange: boolean;
}

/** Faults that are about a range: they leave other requests alone. */
const OF_RANGES = ['ignoreRange', 'wrongContentRange', 'multipartRange', 'rangeNotSatisfiable'];

/** What faults the requests of a tenant meet. */
export class Rulebook {
  #rules: readonly Rule[] = [];
  readonly #byArchive = new Map<string, readonly Rule[]>();

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

  choose(request: RequestFacts): Rule | undefined {
    const own = request.archiveIds.flatMap((archiveId) => this.#byArchive.get(archiveId) ?? []);
    return [...own, ...this.#rules].find((rule) => rule.matches(request));
  }
}

function rulesOf(faults: readonly Fault[], seed: string): readonly Rule[] {
  return faults.map((fault, index) => new Rule(fault, `${seed}\n${index}`));
}

export class Rule {
  readonly #draws = new Map<string, number>();
  #strikes = 0;

  constructor(
    readonly fault: Fault,
    readonly seed: string,
  ) {}

  matches(request: RequestFacts): boolean {
    const { archiveId, endpoint, fault } = this.fault;
    return (
      !this.#isUsedUp() &&
      request.endpoint !== 'unknown' &&
      (endpoint === undefined || endpoint === request.endpoint) &&
      (archiveId === undefined || request.archiveIds.includes(archiveId)) &&
      (request.hasRange || !OF_RANGES.includes(fault)) &&
      this.#isDrawn(request)
    );
  }

  /** Counts that the fault struck. `false` if other requests used it up meanwhile: then it must not strike. */
  strike(): boolean {
    if (this.#isUsedUp()) return false;
    this.#strikes += 1;
    return true;
  }

  #isUsedUp(): boolean {
    return this.#strikes >= (this.fault.times ?? Infinity);
  }

  /** The nth request to an endpoint for an archive draws the same number, whatever other requests come in between. */
  #isDrawn({ endpoint, archiveIds }: RequestFacts): boolean {
    if (this.fault.probability === 1) return true;
    const subject = `${endpoint}\n${archiveIds.join()}`;
    const number = (this.#draws.get(subject) ?? 0) + 1;
    this.#draws.set(subject, number);
    const digest = createHash('sha256').update(`${this.seed}\n${subject}\n${number}`).digest();
    return digest.readUInt32BE() / 2 ** 32 < this.fault.probability;
  }
}
