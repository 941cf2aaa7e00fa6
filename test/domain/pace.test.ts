import { createPace } from '../../src/domain/pace';

const BOUNDS = { allowance: 3, pause: 0, interval: 100, longest: 500 };

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

  it('lets the others wait for a burst to be over, and none for too long', () => {
    const pace = createPace({ ...BOUNDS, pause: 250 }, () => time);
    expect(Array.from({ length: 7 }, () => pace.next())).toEqual([0, 0, 0, 350, 450, 500, 500]);
  });

  it('gives a turn only where there is one now, and takes none where there is not', () => {
    const pace = paced();
    expect(Array.from({ length: 5 }, () => pace.tryNext())).toEqual([true, true, true, false, false]);
    time += BOUNDS.interval;
    expect(pace.tryNext()).toBe(true);
    expect(pace.next()).toBe(BOUNDS.interval);
    expect(pace.tryNext()).toBe(false);
  });

  it('gives a turn to the next that was given back', () => {
    const pace = paced();
    expect(turns(pace, 4)).toEqual([0, 0, 0, 100]);
    pace.giveBack();
    expect(turns(pace, 2)).toEqual([100, 200]);
  });

  it('has a clock of its own', () => {
    expect(createPace(BOUNDS).next()).toBe(0);
  });
});
