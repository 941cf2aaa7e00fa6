import { jsonAnswer, type Answer } from './answer';
import { htmlPage, invalidJson, jsonError, refusal, silence } from './refusals';
import type { Fault, FaultName, FaultOf } from './rules';

type Instead<Name extends FaultName> = (
  fault: FaultOf<Name>,
  archiveIds: readonly string[],
) => Answer | undefined;

const INSTEAD: { readonly [Name in FaultName]?: Instead<Name> } = {
  hangUp: ({ afterEffect }) => (afterEffect ? undefined : silence('reset')),
  noAnswer: ({ afterEffect }) => (afterEffect ? undefined : silence('stall')),
  status: (fault) => (fault.afterEffect ? undefined : refusal(fault)),
  htmlPage,
  jsonError,
  invalidJson,
  noEffect: (_fault, archiveIds) =>
    jsonAnswer(
      200,
      archiveIds.map((archiveId) => ({ archiveId, status: 'ABANDONED' })),
    ),
};

/** What a request gets that is not carried out. `undefined` where the fault is one of the answer that it would get. */
export function answerInstead(fault: Fault, archiveIds: readonly string[]): Answer | undefined {
  const instead = INSTEAD[fault.fault] as Instead<FaultName> | undefined;
  return instead?.(fault, archiveIds);
}
