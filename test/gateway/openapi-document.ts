import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** The OpenAPI document of the gateway. */
export const DOCUMENT = path.resolve(__dirname, '../../docs/openapi.yaml');

/** A response, as far as tests look at it. */
interface DocumentedResponse {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { readonly schema: { readonly const: string } }>>;
  readonly content?: { readonly 'application/json': { readonly schema: DocumentedSchema } };
}

interface DocumentedSchema {
  readonly const?: object;
  readonly properties?: { readonly status?: { readonly enum?: readonly string[]; readonly const?: string } };
}

interface Operation {
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': {
        readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
      };
    };
  };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, DocumentedResponse>> };
}

const openApi = parse(readFileSync(DOCUMENT, 'utf8')) as OpenApi;

export function operation(route: string, method: string): Operation {
  const found = openApi.paths[route]?.[method];
  if (found === undefined) throw new Error(`${method} ${route} is not documented`);
  return found;
}

/** What is documented for one status; a `$ref` is followed. */
export function responseOf(route: string, method: string, status: number): DocumentedResponse | undefined {
  const response = operation(route, method).responses[status];
  const name = response?.$ref?.split('/').at(-1);
  return name === undefined ? response : openApi.components.responses[name];
}

/** All statuses that are documented, of any operation. */
export function documentedStatuses(): readonly number[] {
  const responses = Object.values(openApi.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ responses: all = {} }: Partial<Operation>) => Object.keys(all));
  return [...new Set(responses)].map(Number).sort((a, b) => a - b);
}

/** Responses with a constant body that no operation refers to. */
export function unusedResponses(): readonly string[] {
  const text = readFileSync(DOCUMENT, 'utf8');
  return Object.keys(openApi.components.responses).filter(
    (name) => !text.includes(`'#/components/responses/${name}'`),
  );
}
