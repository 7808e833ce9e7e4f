import type { Exec } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import { ensureBusyboxImage } from './busybox-image.ts';

/** An image that containers can start from. */
export interface Image {
  /** As `status.containerStatuses[].imageID` shows it. */
  readonly id: string;
  /** The unpacked, read-only root; containers write to an overlay of their own. */
  readonly rootDir: string;
  /** `NAME=value`, the image's part of the environment. */
  readonly env: readonly string[];
  /** What runs where the container names no command; the container's `args` replace `cmd`. */
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

/** Where containers get their images. */
export interface ImageStore {
  /** @throws ImageNotAvailable where there is no such image on this node */
  find(reference: string): Promise<Image>;
  /** What `Node.status.images` lists. */
  list(): Promise<readonly { readonly names: readonly string[]; readonly sizeBytes: number }[]>;
}

/** The node has no such image and no way to fetch it. */
export class ImageNotAvailable extends PlatformError {
  constructor(reference: string) {
    super({
      code: 'NotFound',
      reason: 'ErrImagePull',
      message:
        `the image ${JSON.stringify(reference)} is not on this node. Here are: ${BUSYBOX} (any tag). ` +
        `This version does not fetch images from registries or archives: use "image: busybox", or run the pod on a cluster with a container runtime.`,
      details: { reference },
    });
  }
}

const BUSYBOX = 'docker.io/library/busybox';
const BUSYBOX_REFERENCE = /^(?:(?:docker\.io|index\.docker\.io)\/)?(?:library\/)?busybox(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** True where the reference means the built-in image: any spelling of docker.io/library/busybox, any tag. Pure. */
export function isBusyboxReference(reference: string): boolean {
  return BUSYBOX_REFERENCE.test(reference);
}

/** The images that come with the platform: `busybox`, made from the machine's own static binary. */
export class BuiltInImages implements ImageStore {
  readonly #dir: string;
  readonly #busyboxPath: string | undefined;
  readonly #exec: Exec;
  #busybox: Promise<Image> | undefined;

  constructor(options: { readonly dir: string; readonly busyboxPath: string | undefined; readonly exec: Exec }) {
    this.#dir = options.dir;
    this.#busyboxPath = options.busyboxPath;
    this.#exec = options.exec;
  }

  async find(reference: string): Promise<Image> {
    const path = this.#busyboxPath;
    if (path === undefined || !isBusyboxReference(reference)) throw new ImageNotAvailable(reference);
    this.#busybox ??= ensureBusyboxImage({ dir: this.#dir, busyboxPath: path, exec: this.#exec });
    try {
      return await this.#busybox;
    } catch (error) {
      // why: a failure (a full disk) may pass, the next container tries again
      this.#busybox = undefined;
      throw error;
    }
  }

  list(): Promise<readonly { readonly names: readonly string[]; readonly sizeBytes: number }[]> {
    return Promise.resolve(this.#busyboxPath === undefined ? [] : [{ names: [`${BUSYBOX}:latest`], sizeBytes: BUSYBOX_SIZE_BYTES }]);
  }
}

/** About what the static binary takes; only for display. */
const BUSYBOX_SIZE_BYTES = 2_000_000;
