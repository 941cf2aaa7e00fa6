import { createPace } from '../../src/domain/pace';

const BOUNDS = { allowance: 3, interval: 100, longest: 500 };

describe('the pace of claims', () => {
  let time = 1_000_000;
  const paced = () => createPace(BOUNDS, () => time);
  const turns = (pace: ReturnType<typeof paced>, count: number) =>
    Array.from({ length: count }, () => pace.next());

  it('lets the first of a burst begin at once, the others one after the other, and none wait for too long', () => {
    expect(turns(paced(), 10)).toEqual([0, 0, 0, 100, 200, 300, 400, 500, 500, 500]);
  });

  it('allows as many again as the time since then has places for, and no more than at first', () => {
    const pace = paced();
    turns(pace, 5);
    time += 400;
    expect(turns(pace, 3)).toEqual([0, 0, 100]);
    time += 60_000;
    expect(turns(pace, 5)).toEqual([0, 0, 0, 100, 200]);
  });

  it('keeps nobody waiting who comes no faster than the interval', () => {
    const pace = paced();
    for (let count = 0; count < 20; count += 1) {
      expect(pace.next()).toBe(0);
      time += BOUNDS.interval;
    }
  });

  it('has a clock of its own', () => {
    expect(createPace(BOUNDS).next()).toBe(0);
  });
});
