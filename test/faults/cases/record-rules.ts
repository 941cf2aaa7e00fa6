import type { FaultRule } from '../../../src/simulator';

/** Leaves the next record as it is: the rule after it strikes the one that comes then. */
export const ONE_AS_IT_IS: FaultRule = { fault: 'slowHeaders', endpoint: 'record', ms: 0, times: 1 };

/** The next records, so many of them, show another status than the archive has. */
export function withStatus(status: string, times = 1): FaultRule {
  return { fault: 'recordFields', fields: { status }, times };
}
