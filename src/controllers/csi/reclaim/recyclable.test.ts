import { expect, it } from 'vitest';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { scrubSourceOf } from './recyclable.ts';

const KEPT = ['/data/stowage'];
const hostPath = (path: string, type?: string): Parameters<typeof aStoredVolume>[0] => ({
  spec: { hostPath: { path, ...(type === undefined ? {} : { type }) } },
});

it.each([
  { path: '/srv/a', mounted: '/srv/a' },
  { path: '/tmp/volumes//one/', mounted: '/tmp/volumes/one' },
  { path: '/mnt/./disk1', mounted: '/mnt/disk1' },
  { path: '/var/lib/volumes/x', mounted: '/var/lib/volumes/x' },
  { path: '/data/stowage-2', mounted: '/data/stowage-2' },
])('VOL-6: recycling empties $path', ({ path, mounted }) => {
  expect(scrubSourceOf(aStoredVolume(hostPath(path)), KEPT)).toEqual({
    ok: true,
    value: { hostPath: { path: mounted, type: 'Directory' } },
  });
});

it.each([
  { path: '/', says: 'shared by more than this volume' },
  { path: '//.', says: 'shared by more than this volume' },
  { path: '/home', says: 'shared by more than this volume' },
  { path: '/var/lib/', says: 'shared by more than this volume' },
  { path: '/etc', says: '/etc belongs to the system' },
  { path: '/usr/local/share', says: '/usr belongs to the system' },
  { path: '/proc/self/root', says: '/proc belongs to the system' },
  { path: '/root/x', says: '/root belongs to the system' },
  { path: '/srv/../etc', says: 'is not absolute' },
  { path: 'srv', says: 'is not absolute' },
  { path: '/data', says: 'the platform keeps its own data in /data/stowage' },
  { path: '/data/stowage', says: 'the platform keeps its own data in /data/stowage' },
  { path: '/data/stowage/pools/x', says: 'the platform keeps its own data in /data/stowage' },
])('VOL-6: recycling refuses $path', ({ path, says }) => {
  const result = scrubSourceOf(aStoredVolume(hostPath(path)), KEPT);
  expect(result).toMatchObject({ ok: false, error: expect.stringContaining(says) });
  expect(result).toMatchObject({ ok: false, error: expect.stringContaining('remove the data by hand') });
});

it('VOL-6: recycling refuses what is no directory, and what no recycler knows', () => {
  expect(scrubSourceOf(aStoredVolume(hostPath('/srv/a', 'BlockDevice')), [])).toMatchObject({ ok: false });
  expect(scrubSourceOf(aStoredVolume({ driver: 'x.example' }), [])).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^No recycler plugin found for the volume! .* this one is csi/),
  });
});

it.each([
  { path: '/tmp', isScrubbed: true },
  { path: '/', isScrubbed: true },
  { path: '/etc/exports.d', isScrubbed: false },
])('VOL-6: of an NFS server, $path is emptied: $isScrubbed', ({ path, isScrubbed }) => {
  const volume = aStoredVolume({ spec: { hostPath: undefined, nfs: { server: '172.17.0.2', path } } });
  expect(scrubSourceOf(volume, KEPT).ok).toBe(isScrubbed);
});
