import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pages, ROOT, withoutBlocks, type Page } from './pages';

interface Link {
  readonly page: string;
  readonly target: string;
}

const links = pages().flatMap(linksIn);

describe('the documentation', () => {
  it('contains links', () => {
    expect(links.length).toBeGreaterThan(50);
  });

  it.each(links)('$page links to the existing $target', ({ page, target }) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
    expect(existsSync(file)).toBe(true);
    if (anchor !== undefined) expect(anchorsIn(readFileSync(file, 'utf8'))).toContain(anchor);
  });
});

function linksIn({ path, text }: Page): readonly Link[] {
  const targets = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => ({ page: path, target }));
}

/** As GitHub makes them of headings. */
function anchorsIn(text: string): readonly string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
