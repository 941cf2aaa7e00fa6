/** Where a rotation is cut off: as a call begins, or when it took effect and nobody hears of it. */
export type FaultPoint = readonly ['before' | 'after', string];

/** Thrown in place of the end of a process: whatever the activity had in memory is gone. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/** Tells whether a call is to be cut off, now that it has come so far. */
export type Strikes = (...point: FaultPoint) => boolean;

/** The same object, of which calls are cut off. */
export function faulty<Target extends object>(target: Target, strikes: Strikes): Target {
  return new Proxy(target, {
    get(object, name, receiver) {
      const value: unknown = Reflect.get(object, name, receiver);
      if (typeof name !== 'string' || typeof value !== 'function') return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (strikes('before', name)) throw new Killed();
        const result: unknown = await Reflect.apply(value, object, args);
        if (strikes('after', name)) throw new Killed();
        return result;
      };
    },
  });
}
