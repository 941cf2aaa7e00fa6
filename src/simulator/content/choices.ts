import { keystream } from '../bytes/keystream';

/** Choices that look random and are always the same for the same seed. */
export interface Choices {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  of<Item>(items: readonly [Item, ...Item[]]): Item;
}

const NUMBER_BYTES = 4;
const POOL_BYTES = 256 * NUMBER_BYTES;

export function choicesFrom(seed: string): Choices {
  const stream = keystream(seed, Number.MAX_SAFE_INTEGER);
  let pool = stream.read(0, POOL_BYTES);
  let position = 0;
  const below = (limit: number): number => {
    const at = position % POOL_BYTES;
    if (at === 0 && position > 0) pool = stream.read(position, POOL_BYTES);
    position += NUMBER_BYTES;
    return pool.readUInt32LE(at) % limit;
  };
  return { below, of: (items) => items[below(items.length)] ?? items[0] };
}
