import { cutText } from '#kit/cut-text.ts';
import type { NodeGetStorageHealthResponse, StorageHealthErrorType } from './generated/messages.ts';
import { accessModeOf } from './volume-capability.ts';

/** Something that is wrong with the storage behind a driver as a node reaches it, in the words of the Kubernetes API (storage/v1 StorageHealthCondition). */
export interface StorageCondition {
  readonly status: 'StorageUnreachable' | 'StorageDegraded';
  readonly reason: string;
  readonly message?: string;
  /** The only access mode that it is about; absent = all. */
  readonly accessMode?: string;
  /** The only volume mode that it is about; absent = both. */
  readonly volumeMode?: 'Filesystem' | 'Block';
}

/** Bounds of the API (storage/v1 StorageHealth, StorageHealthCondition). */
const MAX_CONDITIONS = 16;
const MAX_REASON_BYTES = 256;
const MAX_MESSAGE_BYTES = 1024;

const STATUSES: ReadonlyMap<string, StorageCondition['status']> = new Map<StorageHealthErrorType, StorageCondition['status']>([
  ['STORAGE_DEGRADED', 'StorageDegraded'],
  ['STORAGE_UNREACHABLE', 'StorageUnreachable'],
]);

/** What is wrong, each once and in order; empty = nothing. What this version has no word for is left out (CSI 1.13 "NodeGetStorageHealth"). Pure. */
export function storageConditions({ backendHealth = [] }: NodeGetStorageHealthResponse): readonly StorageCondition[] {
  const known = new Map<string, StorageCondition>();
  for (const { status: type = '', reason = '', message = '', volumeCapability } of backendHealth) {
    const status = STATUSES.get(type);
    if (status === undefined) continue;
    const accessMode = accessModeOf(volumeCapability);
    const condition: StorageCondition = {
      status,
      reason: cutText(reason === '' ? status : reason, MAX_REASON_BYTES),
      ...(message === '' ? {} : { message: cutText(message, MAX_MESSAGE_BYTES) }),
      ...(accessMode === undefined ? {} : { accessMode }),
      ...volumeModeOf(volumeCapability),
    };
    known.set(JSON.stringify([status, condition.reason, condition.accessMode, condition.volumeMode]), condition);
  }
  const sorted = [...known].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, condition]) => condition);
  return sorted.slice(0, MAX_CONDITIONS);
}

function volumeModeOf(
  capability: { readonly block?: unknown; readonly mount?: unknown } | undefined,
): Pick<StorageCondition, 'volumeMode'> {
  if (capability?.block !== undefined) return { volumeMode: 'Block' };
  return capability?.mount === undefined ? {} : { volumeMode: 'Filesystem' };
}
