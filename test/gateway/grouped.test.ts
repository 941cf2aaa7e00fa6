import { grouped, NotWritten } from '../../src/gateway/grouped';

const BOUNDS = { limit: 10, deadline: 200 };

describe('items that come at about the same time', () => {
  it('are written together, and those that come meanwhile by the next write', async () => {
    const groups: (readonly string[])[] = [];
    let ended = (): void => undefined;
    const write = grouped((items: readonly string[]) => {
      groups.push(items);
      return groups.length === 1 ? new Promise<void>((resolve) => (ended = resolve)) : Promise.resolve();
    }, BOUNDS);
    const first = [write('a'), write('b')];
    while (groups.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const second = [write('c'), write('d'), write('e')];
    ended();
    await Promise.all([...first, ...second]);
    expect(groups).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  it('all fail with their write, and the next write is tried all the same', async () => {
    let isBroken = true;
    const write = grouped(() => (isBroken ? Promise.reject(new Error('broken')) : Promise.resolve()), BOUNDS);
    const outcomes = await Promise.allSettled([write('a'), write('b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    await expect(write('c')).resolves.toBeUndefined();
  });

  it('are turned away at once where too many wait', async () => {
    const write = grouped(() => Promise.resolve(), BOUNDS);
    const all = Array.from({ length: BOUNDS.limit + 2 }, (_, index) => write(index));
    const outcomes = await Promise.allSettled(all);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.reason).toBeInstanceOf(NotWritten);
  });

  it('are given up where the write takes too long, and do not hold the next one', async () => {
    let isSilent = true;
    const write = grouped(() => (isSilent ? new Promise<void>(() => undefined) : Promise.resolve()), BOUNDS);
    await expect(write('a')).rejects.toBeInstanceOf(NotWritten);
    isSilent = false;
    await expect(write('b')).resolves.toBeUndefined();
  });
});
