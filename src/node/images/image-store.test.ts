import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SystemExec } from '#kit/exec.ts';
import { describeWith } from '#testing/requirements.ts';
import { observeMachine } from '../machine/machine.ts';
import { type Image, ImageNotAvailable, NodeImages, isBusyboxReference } from './image-store.ts';

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

it('asks elsewhere for every other image, with the policy', async () => {
  const asked: string[] = [];
  const find = (reference: string, policy: string): Promise<Image> => {
    asked.push(`${reference} ${policy}`);
    throw new ImageNotAvailable(reference, 'nobody has it');
  };
  const images = new NodeImages({
    dir: '/nowhere',
    busyboxPath: '/bin/busybox',
    exec: new SystemExec(),
    fetched: { find, list: () => Promise.resolve([]) },
  });
  await expect(images.find('nginx:1', 'Always')).rejects.toMatchObject({
    reason: 'ErrImagePull',
    message: expect.stringMatching(/^the image "nginx:1" can't be had: nobody has it\. .*"image: busybox".*stowage image load/),
  });
  expect(asked).toEqual(['nginx:1 Always']);
});

const NO_OTHERS = {
  find: (reference: string): Promise<Image> => Promise.reject(new ImageNotAvailable(reference, 'there are no others')),
  list: () => Promise.resolve([]),
};

describeWith(['busybox'], 'the image that is made from the machine’s busybox', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'stowage-images-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is built once, has the applets, and removes what a crash left', async () => {
    const { busybox } = (await observeMachine()).programs;
    mkdirSync(join(dir, 'building-1'));
    const find = () => new NodeImages({ dir, busyboxPath: busybox, exec: new SystemExec(), fetched: NO_OTHERS }).find('busybox', 'Always');
    const image = await find();
    const inode = statSync(image.rootDir).ino;
    expect(readlinkSync(join(image.rootDir, 'bin/sh'))).toBe('busybox');
    expect(statSync(join(image.rootDir, 'tmp')).mode & 0o7777).toBe(0o1777);
    expect(image).toMatchObject({ cmd: ['sh'], id: expect.stringMatching(/^docker\.io\/library\/busybox@sha256:[0-9a-f]{64}$/) });
    expect(await find()).toEqual(image);
    expect(statSync(image.rootDir).ino).toBe(inode);
    expect(readdirSync(dir)).toHaveLength(1);
  });

  it('is built by two at a time without harm', async () => {
    const { busybox } = (await observeMachine()).programs;
    const images = new NodeImages({ dir, busyboxPath: busybox, exec: new SystemExec(), fetched: NO_OTHERS });
    const [one, two] = await Promise.all([images.find('busybox', 'Always'), images.find('busybox:1', 'Never')]);
    expect(one).toEqual(two);
    expect(readdirSync(dir)).toHaveLength(1);
  });
});
