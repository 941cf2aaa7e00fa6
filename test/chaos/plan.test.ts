import { planTrial } from './plan/trial';

const PROCESSES = ['gateway', 'worker-1'] as const;

it('the plan depends only on the seed', () => {
  expect(planTrial(7, 3, PROCESSES)).toEqual(planTrial(7, 3, PROCESSES));
  expect(planTrial(7, 3, PROCESSES)).not.toEqual(planTrial(8, 3, PROCESSES));
  expect(planTrial(7, 3, PROCESSES)).not.toEqual(planTrial(7, 4, PROCESSES));
});

it('the plan has five or more kills in every trial, so that thirty trials have 150 kills', () => {
  const trials = Array.from({ length: 100 }, (_, trial) => planTrial(1, trial, PROCESSES));
  expect(Math.min(...trials.map(({ kills }) => kills.length))).toBe(5);
});

it('the plan includes archives that need attention or are flawed, and others that must wait for them', () => {
  const trials = Array.from({ length: 100 }, (_, trial) => planTrial(1, trial, PROCESSES));
  const archives = trials.flatMap(({ conferences }) =>
    conferences.flatMap((conference) => conference.archives),
  );
  const ends = archives.map(({ exception }) => exception?.end);
  expect(new Set(ends)).toEqual(new Set([undefined, 'attention', 'flawed', 'secured']));
  expect(ends.filter((end) => end !== undefined).length).toBeLessThan(archives.length / 4);
});
