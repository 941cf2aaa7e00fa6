import { openStore, StoreAddressError } from '../../src/store/open-store';
import { failure, KEY, temporaryDirectory } from './fixture';

test.each([
  ['file:/srv/archives', 'file:///srv/archives'],
  ['file:/srv/archives/', 'file:///srv/archives'],
  ['file:/srv/./x/../archives', 'file:///srv/archives'],
  ['file:///srv/archives/', 'file:///srv/archives'],
  ['file://localhost/srv/archives', 'file:///srv/archives'],
  ['FILE:/srv/archives', 'file:///srv/archives'],
  ['file:/srv/my archives 100%#1', 'file:///srv/my%20archives%20100%25%231'],
  ['file:///srv/my%20archives', 'file:///srv/my%20archives'],
])('%s is the store %s', (address, url) => {
  const store = openStore(address);
  expect(store.url).toBe(url);
  expect(store.locationOf(KEY)).toBe(`${url}/mycompany/archive-1`);
});

test.each([
  ['file:./data/archives', 'must be absolute'],
  ['file:', 'must be absolute'],
  ['file://server/share', 'cannot be understood'],
  ['file:///srv/archives?x=1', 'cannot be understood'],
  ['file:///srv/100%', 'cannot be understood'],
  ['s3://key:secret@bucket/prefix', 'scheme `s3` is not supported; expected `file:/DIRECTORY`'],
  ['/srv/archives', 'scheme `` is not supported'],
])('%s is refused: %s', (address, reason) => {
  expect(() => openStore(address)).toThrow(StoreAddressError);
  expect(() => openStore(address)).toThrow(reason);
  expect(() => openStore(address)).not.toThrow('secret');
});

test('a store that is opened with an identity expects it', async () => {
  const address = `file:${temporaryDirectory()}`;
  const identity = await openStore(address).initialise();
  await openStore(address, { expectedIdentity: identity }).check();
  const other = openStore(address, { expectedIdentity: 'another' });
  await expect(other.check()).rejects.toEqual(failure('StoreUnavailable'));
});
