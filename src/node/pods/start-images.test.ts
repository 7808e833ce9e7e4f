import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { Exec } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import type { Image, ImageRequest, ImageStore } from '../images/image.ts';
import { imagesInUse } from '../images/image-place.ts';
import { ImagePulls } from '../images/image-pulls.ts';
import { parseMountTable } from '#linux/mount-table.ts';
import { Mounter } from '#linux/mounter.ts';
import { NodePaths } from '../node-paths.ts';
import { takeImages } from './start-images.ts';

const user = { uid: 0, gid: 0 };
const image = (name: string): Image => ({
  id: name,
  rootDir: `/images/${name}`,
  env: [],
  entrypoint: [],
  cmd: [],
  workingDir: '',
  user,
  hostPaths: [],
});
const POD: Pod = aStoredPod({
  spec: {
    volumes: [
      { name: 'model', image: { reference: 'models:1', pullPolicy: 'Never' } },
      { name: 'other', image: { reference: 'other:1' } },
    ],
  },
  container: { image: 'app:1', volumeMounts: [{ name: 'model', mountPath: '/model' }] },
});

let dir: string;
let here: Set<string>;
let asked: ImageRequest[];
let commands: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-images-'));
  here = new Set(['app:1', 'models:1']);
  asked = [];
  commands = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

function take() {
  const images: ImageStore = {
    findHere: async (request) => {
      asked.push(request);
      if (here.has(request.reference)) return image(request.reference);
      if (request.policy !== 'Never') return undefined;
      throw new PlatformError({ code: 'NotFound', reason: 'ErrImagePull', message: 'not here' });
    },
    fetch: () => new Promise(() => {}),
    list: async () => [],
  };
  const exec: Exec = { run: async (argv) => (commands.push(argv.join(' ')), { stdout: '', stderr: '', exitCode: 0 }) };
  const pulls = new ImagePulls({ images, clock: new FakeClock(), signal: new AbortController().signal });
  const [container] = POD.spec.containers;
  if (container === undefined) throw new TypeError('the pod has a container');
  const paths = new NodePaths({ root: dir, runtime: dir }).pod(POD.metadata.uid);
  const config = { services: async () => [], configMap: async () => undefined, secret: async () => undefined };
  const start = { pod: POD, paths, container, attempt: 0, restartCount: 0, backoffStep: 0, volumes: new Map(), config };
  return takeImages({ pulls, mounter: new Mounter(exec) }, { ...start, beforeSpawn: () => {}, onImage: () => {} });
}

it('VOL-11: an image that a container mounts is bound where its pod’s volumes are, read-only; one that it does not is not asked for', async () => {
  const taken = await take();
  expect(taken?.pulled.image.id).toBe('app:1');
  expect([...(taken?.imageVolumes ?? [])]).toEqual([
    ['model', expect.objectContaining({ hostPath: expect.stringMatching(/volumes\/model\/mount$/), isReadOnly: true })],
  ]);
  expect(commands).toEqual([expect.stringMatching(/-o bind,ro \/images\/models:1 .*volumes\/model\/mount$/)]);
  expect(asked.map(({ reference, policy }) => `${reference} ${policy}`)).toEqual(['app:1 IfNotPresent', 'models:1 Never']);
});

it('VOL-11: an image volume that is not here is waited for as the container’s own, or told', async () => {
  here = new Set(['app:1']);
  await expect(take()).rejects.toMatchObject({ reason: 'ErrImageNeverPull' });
  here = new Set(['models:1']);
  expect(await take()).toBeUndefined();
});

it('an image is in use where a root stands on it, or a pod has it as a volume', () => {
  const isUsed = imagesInUse(
    parseMountTable(
      [
        '1 1 0:1 / /pods/a/rootfs rw - overlay overlay rw,lowerdir=../../images/fetched/aaa/rootfs,upperdir=upper',
        '2 1 8:1 /data/images/fetched/bbb/rootfs /pods/b/volumes/i/mount rw - ext4 /dev/sda1 rw',
      ].join('\n'),
    ),
  );
  expect(['aaa', 'bbb', 'ccc'].map(isUsed)).toEqual([true, true, false]);
});
