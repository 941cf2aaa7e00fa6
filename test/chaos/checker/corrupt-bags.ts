import type { Bag } from './bags';
import { isRight, type Case } from './case';

/** Everything in the store that calls itself a bag and is not right, and every chain of events that is broken. */
export function corruptBags(cases: readonly Case[], bags: readonly Bag[]): string[] {
  const casesById = new Map(cases.map((one) => [one.archive.archiveId, one]));
  const wrong = bags.flatMap((bag) => {
    const found = casesById.get(bag.archiveId);
    if (found === undefined) return [`${bag.path}: the platform has no such archive`];
    const { archive, exception } = found;
    if (isRight(bag, archive, exception)) return [];
    const problems = [
      ...bag.problems,
      ...(bag.zipFault === undefined ? [] : [bag.zipFault]),
      ...(bag.sha256 === archive.sha256 ? [] : ['its bytes are not the platform’s']),
    ];
    return [`${bag.path}: ${problems.join('; ')}`];
  });
  const broken = cases.flatMap(({ archive, chainFault }) =>
    chainFault === undefined ? [] : [`${archive.archiveId}: its chain of events is broken: ${chainFault}`],
  );
  return [...wrong, ...broken];
}
