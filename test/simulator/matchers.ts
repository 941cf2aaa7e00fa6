/** Any string, and a string that matches, as what the checker may assign: jest's own matchers are `any`. */
export const STRING: unknown = expect.any(String);

export function matching(pattern: string | RegExp): unknown {
  return expect.stringMatching(pattern);
}
