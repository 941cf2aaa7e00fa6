import { open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { PlannedDamage } from './plan/trial';
import { TENANT } from './site/platform';

const LOOK_EVERY_MS = 100;

/** Whoever reaches into the store: sealed copies lose a bit, or are gone, while their claims go on. */
export class Vandal {
  damages = 0;
  #isOver = false;
  readonly #underWay: Promise<void>[] = [];

  /** @param store the store's root folder */
  constructor(private readonly store: string) {}

  /** Waits in the background for the copy to be sealed, and damages it after a while. */
  damage(planned: PlannedDamage): void {
    this.#underWay.push(this.#damage(planned));
  }

  /** Nothing is damaged any more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#underWay);
  }

  async #damage({ archiveId, kind, afterMs }: PlannedDamage): Promise<void> {
    const bag = path.join(this.store, TENANT, archiveId);
    const payload = path.join(bag, 'data', 'archive.zip');
    while (!(await isThere(payload))) {
      if (this.#isOver) return;
      await pause(LOOK_EVERY_MS);
    }
    await pause(afterMs);
    if (this.#isOver || !(await isThere(payload))) return;
    await (kind === 'remove' ? rm(bag, { recursive: true }) : flipBit(payload));
    this.damages += 1;
  }
}

async function flipBit(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    const at = Math.floor(size / 2);
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
    await handle.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, at);
  } finally {
    await handle.close();
  }
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
