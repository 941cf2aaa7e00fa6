import { createHash } from 'node:crypto';

/** Numbers that look like chance and follow from a seed (Mulberry32). */
export class Random {
  #state: number;

  constructor(seed: string) {
    this.#state = createHash('sha256').update(seed).digest().readUInt32LE();
  }

  /** From 0 up to, and without, 1. */
  share(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  between(least: number, most: number): number {
    return least + this.share() * (most - least);
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  /** A whole number, every order of magnitude as likely as every other. */
  magnitude(least: number, most: number): number {
    return Math.round(Math.exp(this.between(Math.log(least), Math.log(most))));
  }

  /** One of them, each as likely as every other. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.share() * items.length)] ?? items[0];
  }
}
