/** What every step of a search is given. */
export interface Search {
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly downloads: string;
}

/** Where a tool is, or why it cannot be had this way. */
export type Finding = { readonly path: string } | { readonly why: string };
