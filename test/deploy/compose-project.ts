import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const ROOT = path.join(__dirname, '..', '..');

/** The parts of a service that the rules are about. Short forms are what docker-compose.yml uses. */
export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

export interface Project {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file?: string }>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
}

/** docker-compose.yml with its anchors put in, and nothing else done to it. */
export function composeProject(): Project {
  const text = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
  return parse(text, { merge: true }) as Project;
}
