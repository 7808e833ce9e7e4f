import { ACCESS_MODES } from './access-modes.ts';
import { formatQuantity, parseQuantity, quantityToBigInt } from '#kit/quantity.ts';
import type { Event, PersistentVolumeClaim, Pod } from './generated/kubernetes.ts';

/** The size of a volume for people and for sorting. */
export interface VolumeSize {
  /** Canonical quantity, for example `10Gi`; empty where none is known. */
  readonly text: string;
  readonly sizeBytes: bigint;
}

/** Reads a stored quantity; an absent or unreadable one is size 0 with the text as it stands. */
export function volumeSize(quantity: string | undefined): VolumeSize {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  if (parsed === undefined || !parsed.ok) return { text: quantity ?? '', sizeBytes: 0n };
  return { text: formatQuantity(parsed.value), sizeBytes: quantityToBigInt(parsed.value) };
}

/** What the claim asks for. */
export function requestedSize(claim: PersistentVolumeClaim): VolumeSize {
  return volumeSize(claim.spec.resources?.requests?.['storage']);
}

/** What the claim has; before it is bound, what it asks for. */
export function currentSize(claim: PersistentVolumeClaim): VolumeSize {
  return volumeSize(claim.status?.capacity?.['storage'] ?? claim.spec.resources?.requests?.['storage']);
}

/** The claims that `pod` names, as `namespace/name`; generic ephemeral volumes own the claim `<pod>-<volume>`. */
export function claimKeysOfPod(pod: Pod): readonly string[] {
  const namespace = pod.metadata.namespace ?? '';
  const keys: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    if (volume.persistentVolumeClaim !== undefined) keys.push(`${namespace}/${volume.persistentVolumeClaim.claimName}`);
    else if (volume.ephemeral !== undefined) keys.push(`${namespace}/${pod.metadata.name}-${volume.name}`);
  }
  return keys;
}

/** When `event` was last seen, in milliseconds since the Unix epoch; 0 where it doesn't say. */
export function lastSeenMs(event: Event): number {
  const text = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? 0 : timeMs;
}

/** `RWO`, `ROX`, `RWX`, `RWOP` (kubectl's abbreviations); an unknown mode as it stands. */
export function shortAccessMode(mode: string): string {
  return ACCESS_MODES.find(({ name }) => name === mode)?.short ?? mode;
}
