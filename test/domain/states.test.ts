import { CLAIM_STATES, isClaimState, SHOWN_STATES } from '../../src/domain/states';
import { TASK_QUEUES } from '../../src/domain/task-queues';

describe('the states of a claim', () => {
  it('are the words that workflow, ledger and UI use', () => {
    expect(CLAIM_STATES).toEqual([
      'announced',
      'waiting',
      'downloading',
      'verifying',
      'secured',
      'abandoned',
      'closed',
      'failed',
      'missed',
    ]);
  });

  it('are shown as attention while a person should look', () => {
    expect(SHOWN_STATES).toEqual([...CLAIM_STATES, 'attention']);
    expect(isClaimState('attention')).toBe(false);
  });

  it.each(CLAIM_STATES)('include %s', (state) => {
    expect(isClaimState(state)).toBe(true);
  });

  it.each([['SECURED'], ['done'], [''], ['toString'], ['secured ']])('do not include %p', (state) => {
    expect(isClaimState(state)).toBe(false);
  });
});

describe('the task queues', () => {
  it('are two, so that a fleet can scale orchestration and transfers separately', () => {
    expect(TASK_QUEUES).toEqual({ claims: 'archivist', transfers: 'archivist-transfers' });
  });
});
