import { PlatformError } from '#kit/errors.ts';
import type { RegistryCredential } from './registry-credentials.ts';

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
  /** What asks its containers to end; absent = SIGTERM. */
  readonly stopSignal?: string | undefined;
  /** Paths of the host that show in it at the same place, read-only. */
  readonly hostPaths: readonly string[];
  /** Why this stands in for the image that was asked for; absent = it is the one. */
  readonly standsInBecause?: string;
}

/** `imagePullPolicy` of a container. */
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** What a container asks for. */
export interface ImageRequest {
  readonly reference: string;
  readonly policy: PullPolicy;
  /** What its pod may show to registries, the best first. */
  readonly credentials: readonly RegistryCredential[];
}

/** An image as `Node.status.images` lists it. */
export interface ListedImage {
  readonly names: readonly string[];
  /** Bytes of its files; 0 = not known. */
  readonly sizeBytes: number;
}

/** Where containers get their images. */
export interface ImageStore {
  /** The image where it is here and no registry has to be asked; undefined = it is to be fetched. @throws ImageNotAvailable (with the policy Never), InvalidImageName */
  findHere(request: ImageRequest): Promise<Image | undefined>;
  /** The image after asking its registry, which takes minutes at worst. @throws ImageNotAvailable */
  fetch(request: ImageRequest, signal: AbortSignal): Promise<Image>;
  list(): Promise<readonly ListedImage[]>;
}

/** The node has no such image and can't get it. */
export class ImageNotAvailable extends PlatformError {
  /** Why, without the remedies. */
  readonly why: string;

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
    this.why = why;
  }
}

/** A name that can't be the name of an image. */
export class InvalidImageName extends PlatformError {
  constructor(reference: string) {
    super({
      code: 'InvalidArgument',
      reason: 'InvalidImageName',
      message: `${JSON.stringify(reference)} is no name of an image; write [REGISTRY/]NAME[:TAG] in lower case, for example registry.example.com/team/app:1.0`,
      details: { reference },
    });
  }
}
