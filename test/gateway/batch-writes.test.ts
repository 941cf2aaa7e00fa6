import { batchWrites, NotWritten } from '../../src/gateway/batch-writes';

const BOUNDS = { limit: 10, timeoutMs: 200 };

function written(items: readonly string[]): Promise<string[]> {
  return Promise.resolve(items.map((item) => `${item} written`));
}

describe('items that arrive at about the same time', () => {
  it('are written together if they arrive while a write is under way, and each gets its own answer', async () => {
    const batches: (readonly string[])[] = [];
    let end = (): void => undefined;
    const write = batchWrites(async (items: readonly string[]) => {
      batches.push(items);
      if (batches.length === 1) await new Promise<void>((resolve) => (end = resolve));
      return await written(items);
    }, BOUNDS);
    const first = write('a');
    const others = ['b', 'c', 'd'].map(write);
    end();
    await expect(Promise.all([first, ...others])).resolves.toEqual(
      ['a', 'b', 'c', 'd'].map((item) => `${item} written`),
    );
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('all fail with their write, and the next write is tried all the same', async () => {
    let isBroken = true;
    const write = batchWrites(
      (items: readonly string[]) => (isBroken ? Promise.reject(new Error('broken')) : written(items)),
      BOUNDS,
    );
    const outcomes = await Promise.allSettled([write('a'), write('b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    await expect(write('c')).resolves.toBe('c written');
  });

  it('are turned away at once if too many wait', async () => {
    const write = batchWrites(written, BOUNDS);
    // The first one is being written; the others wait.
    const all = Array.from({ length: 1 + BOUNDS.limit + 2 }, (_, index) => write(String(index)));
    const outcomes = await Promise.allSettled(all);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.reason).toBeInstanceOf(NotWritten);
  });

  it('are given up if the write takes too long, and do not hold the next one', async () => {
    let writes = 0;
    const write = batchWrites((items: readonly string[]) => {
      writes += 1;
      return writes === 1 ? new Promise<never>(() => undefined) : written(items);
    }, BOUNDS);
    const [first, second] = [write('a'), write('b')];
    await expect(first).rejects.toBeInstanceOf(NotWritten);
    await expect(second).resolves.toBe('b written');
  });
});
