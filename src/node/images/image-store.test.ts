import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemExec } from '#kit/exec.ts';
import { describeWith } from '#testing/requirements.ts';
import { observeMachine } from '../machine/machine.ts';
import { type Image, ImageNotAvailable, type ImageRequest, type ImageStore } from './image.ts';
import { NodeImages, isBusyboxReference } from './image-store.ts';

it.each([
  'busybox',
  'busybox:1.36',
  'library/busybox',
  'docker.io/busybox',
  'docker.io/library/busybox:latest',
  'index.docker.io/library/busybox',
  `busybox@sha256:${'a'.repeat(64)}`,
  `busybox:1@sha256:${'0'.repeat(64)}`,
])('%s means the built-in image', (reference) => {
  expect(isBusyboxReference(reference)).toBe(true);
});

it.each([
  '',
  'busybox2',
  'my/busybox',
  'quay.io/library/busybox',
  'busybox:',
  'busybox:1:2',
  'busybox@sha256:abc',
  'Busybox',
  'nginx',
  'busybox/busybox',
])('%j does not', (reference) => {
  expect(isBusyboxReference(reference)).toBe(false);
});

const request = (reference: string, policy: ImageRequest['policy'] = 'IfNotPresent'): ImageRequest => ({
  reference,
  policy,
  credentials: [],
});
const { signal } = new AbortController();

/** A store that has nothing, and notes what it was asked. */
function emptyStore(asked: string[] = []): ImageStore {
  const refuse = ({ reference, policy }: ImageRequest): Promise<Image> => {
    asked.push(`${reference} ${policy}`);
    return Promise.reject(new ImageNotAvailable(reference, 'nobody has it'));
  };
  return { findHere: async () => undefined, fetch: refuse, list: async () => [] };
}

it('asks elsewhere for every other image, with the policy', async () => {
  const asked: string[] = [];
  const images = new NodeImages({
    dir: '/nowhere',
    busyboxPath: '/bin/busybox',
    exec: new SystemExec(),
    fetched: emptyStore(asked),
    fallback: 'none',
  });
  expect(await images.findHere(request('nginx:1', 'Always'))).toBeUndefined();
  await expect(images.fetch(request('nginx:1', 'Always'), signal)).rejects.toMatchObject({
    reason: 'ErrImagePull',
    message: expect.stringMatching(/^the image "nginx:1" can't be had: nobody has it\. .*"image: busybox".*stowage image load/),
  });
  expect(asked).toEqual(['nginx:1 Always']);
});

describe('the host’s programs in place of an image that can not be had', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'stowage-host-image-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('show /usr and what programs need to start, and neither data nor keys', async () => {
    mkdirSync(join(dir, 'building-host-1'));
    const images = new NodeImages({ dir, busyboxPath: undefined, exec: new SystemExec(), fetched: emptyStore(), fallback: 'host' });
    const [image] = await Promise.all([images.fetch(request('nginx:1'), signal), images.fetch(request('nginx:2'), signal)]);
    expect(image).toMatchObject({ standsInBecause: `the image "nginx:1" can't be had: nobody has it`, entrypoint: [], cmd: [] });
    expect(image.hostPaths).toContain('/usr');
    expect(image.hostPaths).toContain('/etc/passwd');
    for (const kept of ['/etc/shadow', '/etc/ssh', '/etc', '/root', '/home', '/var', '/run', '/srv', '/opt'])
      expect(image.hostPaths).not.toContain(kept);
    expect(readdirSync(join(image.rootDir, 'root'))).toEqual([]);
    expect(statSync(join(image.rootDir, 'tmp')).mode & 0o7777).toBe(0o1777);
    expect(readdirSync(dir)).toHaveLength(1);
  });

  it('are tried again after a failure', async () => {
    const taken = join(dir, 'images');
    writeFileSync(taken, '');
    const images = new NodeImages({ dir: taken, busyboxPath: undefined, exec: new SystemExec(), fetched: emptyStore(), fallback: 'host' });
    await expect(images.fetch(request('nginx'), signal)).rejects.toMatchObject({ code: 'ENOTDIR' });
    rmSync(taken);
    expect(await images.fetch(request('nginx'), signal)).toMatchObject({ rootDir: join(taken, 'host-1') });
  });

  it('stand in only for images that can not be had', async () => {
    const broken = { ...emptyStore(), fetch: () => Promise.reject(new TypeError('a fault of ours')) };
    const images = new NodeImages({ dir, busyboxPath: undefined, exec: new SystemExec(), fetched: broken, fallback: 'host' });
    await expect(images.fetch(request('nginx'), signal)).rejects.toThrow('a fault of ours');
  });
});

describeWith(['busybox'], 'the image that is made from the machine’s busybox', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'stowage-images-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is built once, has the applets, and removes what a crash left', async () => {
    const { busybox } = (await observeMachine()).programs;
    mkdirSync(join(dir, 'building-busybox-1'));
    const images = () => new NodeImages({ dir, busyboxPath: busybox, exec: new SystemExec(), fetched: emptyStore(), fallback: 'none' });
    const find = () => images().fetch(request('busybox', 'Always'), signal);
    const image = await find();
    const inode = statSync(image.rootDir).ino;
    expect(readlinkSync(join(image.rootDir, 'bin/sh'))).toBe('busybox');
    expect(statSync(join(image.rootDir, 'tmp')).mode & 0o7777).toBe(0o1777);
    expect(image).toMatchObject({ cmd: ['sh'], id: expect.stringMatching(/^docker\.io\/library\/busybox@sha256:[0-9a-f]{64}$/) });
    expect(await find()).toEqual(image);
    expect(statSync(image.rootDir).ino).toBe(inode);
    expect(readdirSync(dir)).toHaveLength(1);
  });

  it('leaves a fetch alone that is under way', async () => {
    const { busybox } = (await observeMachine()).programs;
    mkdirSync(join(dir, 'building-fetched-abc', 'rootfs'), { recursive: true });
    const images = new NodeImages({ dir, busyboxPath: busybox, exec: new SystemExec(), fetched: emptyStore(), fallback: 'none' });
    await images.findHere(request('busybox'));
    expect(readdirSync(dir)).toContain('building-fetched-abc');
  });

  it('is built by two at a time without harm', async () => {
    const { busybox } = (await observeMachine()).programs;
    const images = new NodeImages({ dir, busyboxPath: busybox, exec: new SystemExec(), fetched: emptyStore(), fallback: 'none' });
    const [one, two] = await Promise.all([images.findHere(request('busybox', 'Always')), images.findHere(request('busybox:1', 'Never'))]);
    expect(one).toEqual(two);
    expect(readdirSync(dir)).toHaveLength(1);
  });
});
