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
  /** Where it runs unless the container says otherwise; empty = `/`. */
  readonly workingDir: string;
  /** Who it runs as unless the pod says otherwise. */
  readonly user: { readonly uid: number; readonly gid: number };
}

/** `imagePullPolicy` of a container. */
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** Where containers get their images. */
export interface ImageStore {
  /** @throws ImageNotAvailable where there is no such image on this node */
  find(reference: string, policy: PullPolicy): Promise<Image>;
  /** What `Node.status.images` lists. */
  list(): Promise<readonly { readonly names: readonly string[]; readonly sizeBytes: number }[]>;
}

/** The node has no such image and can't get it. */
export class ImageNotAvailable extends PlatformError {
  constructor(reference: string, why: string, cause?: unknown) {
    super({
      code: 'NotFound',
      reason: 'ErrImagePull',
      message:
        `the image ${JSON.stringify(reference)} can't be had: ${why}. ` +
        `What always works: "image: busybox" (built in), or an archive: stowage image load FILE --name ${JSON.stringify(reference)}`,
      details: { reference },
      cause,
    });
  }
}

const BUSYBOX = 'docker.io/library/busybox';
const BUSYBOX_REFERENCE = /^(?:(?:docker\.io|index\.docker\.io)\/)?(?:library\/)?busybox(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** True where the reference means the built-in image: any spelling of docker.io/library/busybox, any tag. Pure. */
export function isBusyboxReference(reference: string): boolean {
  return BUSYBOX_REFERENCE.test(reference);
}

/** The images of a node: `busybox`, made from the machine's own static binary, and what is fetched. */
export class NodeImages implements ImageStore {
  readonly #options: NodeImagesOptions;
  #busybox: Promise<Image> | undefined;

  constructor(options: NodeImagesOptions) {
    this.#options = options;
  }

  async find(reference: string, policy: PullPolicy): Promise<Image> {
    const { dir, exec, fetched, busyboxPath } = this.#options;
    if (busyboxPath === undefined || !isBusyboxReference(reference)) return fetched.find(reference, policy);
    this.#busybox ??= ensureBusyboxImage({ dir, busyboxPath, exec });
    try {
      return await this.#busybox;
    } catch (error) {
      // why: a failure (a full disk) may pass, the next container tries again
      this.#busybox = undefined;
      throw error;
    }
  }

  async list(): Promise<readonly { readonly names: readonly string[]; readonly sizeBytes: number }[]> {
    const { busyboxPath, fetched } = this.#options;
    const builtIn = busyboxPath === undefined ? [] : [{ names: [`${BUSYBOX}:latest`], sizeBytes: BUSYBOX_SIZE_BYTES }];
    return [...builtIn, ...(await fetched.list())];
  }
}

/** What {@link NodeImages} stands on. */
export interface NodeImagesOptions {
  readonly dir: string;
  readonly busyboxPath: string | undefined;
  readonly exec: Exec;
  readonly fetched: Pick<ImageStore, 'find' | 'list'>;
}

/** About what the static binary takes; only for display. */
const BUSYBOX_SIZE_BYTES = 2_000_000;
