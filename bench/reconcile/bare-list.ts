/** Seconds in which a program that keeps nothing has the list, parsed whole. */
export async function bareList(url: string, records: number): Promise<number> {
  const begun = performance.now();
  const response = await fetch(url);
  const list = (await response.json()) as readonly unknown[];
  if (list.length !== records) throw new Error(`The list has ${list.length} records, not ${records}.`);
  return (performance.now() - begun) / 1000;
}
