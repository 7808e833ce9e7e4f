/** An image that may be removed. */
export interface CollectableImage {
  /** Name of its directory. */
  readonly place: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly lastUsedMs: number;
  /** A container's root stands on it. */
  readonly isInUse: boolean;
  /** It was loaded by hand, and no registry would give it again. */
  readonly isPinned: boolean;
}

/** How full the disk may get (kubelet imageGCHighThresholdPercent, imageGCLowThresholdPercent). */
export interface CollectionLimits {
  /** Above this, images go. */
  readonly highPercent: number;
  /** Down to this. */
  readonly lowPercent: number;
}

/** What is known of the disk. */
export interface DiskUse {
  readonly capacityBytes: number;
  readonly freeBytes: number;
}

/** What to remove, in this order. */
export interface CollectionPlan {
  readonly remove: readonly CollectableImage[];
  /** Bytes that have to be freed. */
  readonly wantedBytes: number;
  /** Bytes that the removals should free. */
  readonly freedBytes: number;
}

/** Images younger than this are left alone: a container may be about to start on one (kubelet imageMinimumGCAge). */
const MIN_AGE_MS = 120_000;
const WHOLE = 100;

/** Which images go so that the disk has space again: those that nobody has used for longest (kubelet image_gc_manager). Pure. */
export function planCollection(
  images: readonly CollectableImage[],
  { disk, limits, nowMs }: { readonly disk: DiskUse; readonly limits: CollectionLimits; readonly nowMs: number },
): CollectionPlan {
  const usedBytes = disk.capacityBytes - disk.freeBytes;
  const wantedBytes = usedBytes - (disk.capacityBytes * limits.lowPercent) / WHOLE;
  if (disk.capacityBytes === 0 || (usedBytes / disk.capacityBytes) * WHOLE < limits.highPercent)
    return { remove: [], wantedBytes: 0, freedBytes: 0 };
  const candidates = images.filter((image) => !image.isInUse && !image.isPinned && nowMs - image.lastUsedMs >= MIN_AGE_MS);
  const remove: CollectableImage[] = [];
  let freedBytes = 0;
  for (const image of candidates.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs)) {
    if (freedBytes >= wantedBytes) break;
    remove.push(image);
    freedBytes += image.sizeBytes;
  }
  return { remove, wantedBytes: Math.ceil(wantedBytes), freedBytes };
}
