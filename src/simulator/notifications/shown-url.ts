/** A callback's URL without what may be secret: the last segment of its path, credentials, query and fragment. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.slice(0, pathname.lastIndexOf('/'))}/***`;
}
