import type { Bag } from './bags';
import { isRight, type Case } from './case';

/** Everything in the store that calls itself a bag and is not right, and every chain of events that is broken. */
export function corruptBags(cases: readonly Case[], bags: readonly Bag[]): string[] {
  const archives = new Map(cases.map(({ archive }) => [archive.archiveId, archive]));
  const wrong = bags.flatMap((bag) => {
    const archive = archives.get(bag.archiveId);
    if (archive === undefined) return [`${bag.path}: the platform has no such archive`];
    if (isRight(bag, archive)) return [];
    const problems = [
      ...bag.problems,
      ...(bag.sha256 === archive.sha256 ? [] : ['its bytes are not the platform’s']),
    ];
    return [`${bag.path}: ${problems.join('; ')}`];
  });
  const broken = cases.flatMap(({ archive, chainFault }) =>
    chainFault === undefined ? [] : [`${archive.archiveId}: its chain of events is broken: ${chainFault}`],
  );
  return [...wrong, ...broken];
}
