import { createRush } from '../../src/gateway/rush';

const BOUNDS = { arrivals: { allowance: 2, interval: 100 }, interval: 40 };

describe('a rush of notifications', () => {
  let time = 1_000_000;
  const never = new AbortController().signal;
  const rush = () => createRush(BOUNDS, () => time);

  /** Milliseconds that turns of the inbox take, one after the other. */
  async function waits(of: ReturnType<typeof rush>, count: number): Promise<number> {
    const began = performance.now();
    for (let index = 0; index < count; index += 1) await of.turn(never);
    return performance.now() - began;
  }

  it('sends those to the inbox that come faster than claims are started', () => {
    const arrivals = rush();
    expect([arrivals.admits(), arrivals.admits(), arrivals.admits()]).toEqual([true, true, false]);
    time += BOUNDS.arrivals.interval;
    expect([arrivals.admits(), arrivals.admits()]).toEqual([true, false]);
  });

  it('leaves the inbox its turns, and in quiet, all that it wants', async () => {
    const arrivals = rush();
    arrivals.admits();
    // In quiet no timer is set: many turns take no time of this clock, which stands still.
    expect(await waits(arrivals, 1_000)).toBeLessThan(BOUNDS.interval * 1_000);
    arrivals.admits();
    arrivals.admits();
    expect(await waits(arrivals, 3)).toBeGreaterThanOrEqual(BOUNDS.interval * 2 - 1);
    time += 1_000;
    expect(await waits(arrivals, 1_000)).toBeLessThan(BOUNDS.interval * 1_000);
  });

  it('keeps nobody waiting who is to stop', async () => {
    const arrivals = createRush({ ...BOUNDS, interval: 60_000 }, () => time);
    for (let index = 0; index < 3; index += 1) arrivals.admits();
    await arrivals.turn(never);
    const stopping = new AbortController();
    const turn = arrivals.turn(stopping.signal);
    stopping.abort();
    await turn;
  });
});
