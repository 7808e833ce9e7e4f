import type { Exec } from '#kit/exec.ts';
import { ensureBusyboxImage } from './busybox-image.ts';
import { isProgramReference, type OwnProgram, programImage } from './program-image.ts';
import type { CollectionLimits } from './plan-collection.ts';
import { ensureHostRoot, hostImage } from './host-image.ts';
import { type Image, ImageNotAvailable, type ImageRequest, type ImageStore, type ListedImage } from './image.ts';

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
  #hostRoot: Promise<string> | undefined;

  constructor(options: NodeImagesOptions) {
    this.#options = options;
  }

  async findHere(request: ImageRequest): Promise<Image | undefined> {
    const program = await this.#program(request.reference);
    if (program !== undefined) return program;
    if (this.#isBuiltIn(request.reference)) return this.#builtIn();
    return this.#orStandIn(request.reference, () => this.#options.fetched.findHere(request));
  }

  async fetch(request: ImageRequest, signal: AbortSignal): Promise<Image> {
    const program = await this.#program(request.reference);
    if (program !== undefined) return program;
    if (this.#isBuiltIn(request.reference)) return this.#builtIn();
    return this.#orStandIn(request.reference, () => this.#options.fetched.fetch(request, signal));
  }

  async list(): Promise<readonly ListedImage[]> {
    const { busyboxPath, fetched } = this.#options;
    const builtIn = busyboxPath === undefined ? [] : [{ names: [`${BUSYBOX}:latest`], sizeBytes: BUSYBOX_SIZE_BYTES }];
    return [...builtIn, ...(await fetched.list())];
  }

  async #program(reference: string): Promise<Image | undefined> {
    const { program, exec } = this.#options;
    if (program === undefined || !isProgramReference(program, reference)) return undefined;
    return programImage(program, { rootDir: await this.#ensureHostRoot(), exec });
  }

  #isBuiltIn(reference: string): boolean {
    return this.#options.busyboxPath !== undefined && isBusyboxReference(reference);
  }

  async #builtIn(): Promise<Image> {
    const { dir, exec, busyboxPath = '' } = this.#options;
    this.#busybox ??= ensureBusyboxImage({ dir, busyboxPath, exec });
    try {
      return await this.#busybox;
    } catch (error) {
      // why: a failure (a full disk) may pass, the next container tries again
      this.#busybox = undefined;
      throw error;
    }
  }

  /** The host's programs where the image can't be had and that is wanted. */
  async #orStandIn<T>(reference: string, find: () => Promise<T>): Promise<T | Image> {
    try {
      return await find();
    } catch (error) {
      if (this.#options.fallback !== 'host' || !(error instanceof ImageNotAvailable)) throw error;
      return hostImage(await this.#ensureHostRoot(), { reference, why: error.why });
    }
  }

  async #ensureHostRoot(): Promise<string> {
    this.#hostRoot ??= ensureHostRoot(this.#options.dir);
    try {
      return await this.#hostRoot;
    } catch (error) {
      // why: as with busybox
      this.#hostRoot = undefined;
      throw error;
    }
  }
}

/** What runs in place of an image that can't be had. */
export type ImageFallback = 'none' | 'host';

/** What a node's administrator says about images. */
export interface ImageSettings {
  /** Registries (`HOST[:PORT]`) that are asked without TLS, or without looking at their certificate. */
  readonly insecureRegistries: readonly string[];
  readonly fallback: ImageFallback;
  /** Stowage's own program, which every node has; absent = none. */
  readonly program?: OwnProgram;
  /** When images that nobody uses are removed. */
  readonly collection: CollectionLimits;
}

/** What {@link NodeImages} stands on. */
export interface NodeImagesOptions {
  readonly dir: string;
  readonly busyboxPath: string | undefined;
  readonly exec: Exec;
  readonly fetched: ImageStore;
  /** What runs in place of an image that can't be had: nothing, or a view of the host's programs. */
  readonly fallback: ImageFallback;
  /** Stowage's own program, in an image of its own. */
  readonly program?: OwnProgram | undefined;
}

/** About what the static binary takes; only for display. */
const BUSYBOX_SIZE_BYTES = 2_000_000;
