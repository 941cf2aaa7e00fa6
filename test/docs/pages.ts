import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** A page of the documentation, by its path from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Every Markdown page: those at the top, and all of docs/ and deploy/. */
export function pages(): readonly Page[] {
  const top = readdirSync(ROOT).map((name) => join(ROOT, name));
  const below = ['docs', 'deploy'].flatMap((folder) => filesIn(join(ROOT, folder)));
  return [...top, ...below]
    .filter((file) => file.endsWith('.md'))
    .map((file) => ({ path: relative(ROOT, file), text: readFileSync(file, 'utf8') }));
}

/** What stands in a page as code: in blocks and between backticks. */
export function codeIn({ text }: Page): readonly string[] {
  const blocks = [...text.matchAll(/^ *```[^\n]*\n([^]*?)^ *```/gm)].map(([, code = '']) => code);
  const spans = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...spans];
}

export function withoutBlocks(text: string): string {
  return text.replace(/^ *```[^]*?^ *```/gm, '');
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
}
