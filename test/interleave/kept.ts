import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Schedule } from './schedule';
import type { Shrunk } from './shrink';

/** A schedule that once broke a rule: of the product, or of the product with one of its rules removed. */
export interface KeptSchedule extends Required<Schedule> {
  readonly name: string;
  /** What it showed. */
  readonly shows: string;
}

const FOLDER = path.join(__dirname, 'kept');

export function keptSchedules(): KeptSchedule[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER)
    .sort()
    .map((file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as KeptSchedule);
}

/** Keeps a schedule, in place of one of the same name. @returns where */
export function keep(name: string, { seed, draws, violations }: Shrunk): string {
  const file = path.join(FOLDER, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ name, shows: violations[0], seed, draws })}\n`);
  return file;
}
