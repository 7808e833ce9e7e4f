import type { Image } from '#node/images/image.ts';

/** An unpacked image of busybox. */
export function anImage(overrides: Partial<Image> = {}): Image {
  return {
    id: 'docker.io/library/busybox@sha256:0',
    rootDir: '/nowhere/images/busybox',
    env: ['PATH=/bin'],
    entrypoint: [],
    cmd: ['sh'],
    workingDir: '',
    user: { uid: 0, gid: 0 },
    hostPaths: [],
    ...overrides,
  };
}
