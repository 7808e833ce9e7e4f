/** What the program in a mover's pod is to do. */
export type MoverOrder = FillOrder | VolumeOrder;

/** What the program in the populator's pod is to fill a volume with. */
export type FillOrder = ArchiveOrder | DirectoryOrder;

/** The files of an archive, or one file, fetched from elsewhere. */
export interface ArchiveOrder extends FillLimits {
  readonly kind: 'archive';
  /** `http:` or `https:`. */
  readonly url: string;
  /** Hosts, as `HOST` or `HOST:PORT`, that may be asked although they are this machine or its network alone; of others such addresses are refused. */
  readonly allowedHosts: readonly string[];
  /** Hexadecimal SHA-256 of what is fetched; absent = it is not checked. */
  readonly sha256?: string | undefined;
  /** Certificates (PEM) that are trusted beside the usual ones. */
  readonly caBundle?: string | undefined;
  /** Only what lies below this directory of the archive; absent = all. */
  readonly part?: string | undefined;
}

/** The files of a directory of another volume, which is at {@link FILL_PLACES}`.source`. */
export interface DirectoryOrder extends FillLimits {
  readonly kind: 'directory';
  /** The directory in it. */
  readonly from: string;
}

/** All of another volume, which is at {@link FILL_PLACES}`.source`; in several passes, each of which copies what has changed. */
export interface VolumeOrder {
  readonly kind: 'volume';
  /** True where both are block devices. */
  readonly isBlock: boolean;
  /** When the first pass began, in seconds since 1970 by the machine's clock: what has changed since is copied again. Absent = nothing that is there counts. */
  readonly sinceSec?: number | undefined;
  /** True where nobody changes the source any more: what is there afterwards is looked at once more. */
  readonly isLast: boolean;
  readonly progress: ProgressPlace;
}

/** Where in the volume it goes, how much fits, and where it is said how far it is. */
interface FillLimits {
  /** The directory of the volume that is filled; `/` = its top. */
  readonly into: string;
  /** Bytes that the volume may hold, as a decimal number. */
  readonly maxBytes: string;
  readonly progress: ProgressPlace;
}

/** Where the program says how far it is, over HTTP. */
export interface ProgressPlace {
  /** Where it listens; absent = at every address of the pod. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly path: string;
}

/** Where the program finds what it works with. */
export const FILL_PLACES = { target: '/target', source: '/source' } as const;

/** The image with that program which every node of an embedded platform has. */
export const BUILT_IN_FILL_IMAGE = 'stowage.dev/populator';

/** How far a filling is. */
export interface FillProgress {
  readonly doneBytes: number;
  /** Undefined where nobody knows how much there is. */
  readonly totalBytes?: number | undefined;
}

/** With this code the program ends where the same would never work; any other may pass. */
export const FILL_REFUSED_EXIT_CODE = 3;
