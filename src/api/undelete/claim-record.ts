import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { attributesClassOf, requestedBytesOf } from '../storage/claim.ts';
import { capacityBytesOf } from '../storage/volume.ts';
import { writtenClaim, type WrittenClaim } from '../storage/written-claim.ts';

/** On a claim, and on what tells of one that was deleted: what is to be kept of it is written down before it goes. */
export const GRACE_FINALIZER = 'volumes.stowage.dev/deletion-grace';
/** On a volume whose claim was deleted and can be brought back: the record of it, as JSON. While it is there the volume is not deleted. */
export const DELETED_CLAIM = 'volumes.stowage.dev/deleted-claim';
/** Beside it: the UID of the namespace that may have the claim back. */
export const DELETED_IN = 'volumes.stowage.dev/deleted-in-namespace';

/** What it takes to bring a claim back; its name and its namespace are in the claimRef of its volume. */
export interface ClaimRecord {
  /** Of the claim that was deleted. */
  readonly uid: string;
  /** RFC 3339: when its deletion was asked for. */
  readonly deletedAt: string;
  /** RFC 3339: until when its volume stays. */
  readonly keptUntil: string;
  /** What it takes of quotas, as a quantity. */
  readonly storage: string;
  /** As it is made again, with labels and annotations as people wrote them. */
  readonly claim: WrittenClaim;
}

/**
 * Annotations that are kept, together. An object may have 256 KiB of them (apimachinery pkg/api/validation), and the volume has some of its own.
 */
const MAX_ANNOTATIONS_BYTES = 128 * 1024;

/** True where the claim of `volume` can be brought back, and the volume stays for it. Pure. */
export function isKept({ metadata }: PersistentVolume): boolean {
  return metadata.annotations?.[DELETED_CLAIM] !== undefined;
}

/** What was written down of the claim; an error where somebody has written something else. Pure. */
export function claimRecordOf({ metadata }: PersistentVolume): Result<ClaimRecord> {
  const text = metadata.annotations?.[DELETED_CLAIM] ?? '';
  const read = parse(text);
  const isComplete =
    isRecord(read) &&
    [read['uid'], read['deletedAt'], read['keptUntil'], read['storage']].every((value) => typeof value === 'string') &&
    !Number.isNaN(Date.parse(String(read['keptUntil']))) &&
    isRecord(read['claim']);
  if (isComplete) return ok(trusted<ClaimRecord>(read));
  return fail(
    `metadata.annotations[${DELETED_CLAIM}] is not as Stowage wrote it: remove it to let the volume go as its reclaim policy says`,
  );
}

/** The record of `claim`, which goes, and the annotations for which there is no room in it. Pure. */
export function recordClaim(
  claim: PersistentVolumeClaim,
  { volume, nowMs, graceMs, format }: RecordParts,
): { readonly record: ClaimRecord; readonly left: readonly string[] } {
  const { kept, left } = withinBounds(writtenClaim(claim));
  const [asked, has] = [requestedBytesOf(claim), capacityBytesOf(volume)];
  const given = bytesOf(claim.status?.allocatedResources?.['storage'] ?? '0');
  // why as the volume is: a growth, or a change of attributes, that was never done would make it unfit for its own claim
  const storage = formatBytes(asked < has ? asked : has);
  const { volumeAttributesClassName: _wanted, ...wanted } = kept.spec;
  const attributesClass = attributesClassOf(volume.spec);
  const spec = {
    ...wanted,
    resources: { ...wanted.resources, requests: { ...wanted.resources?.requests, storage } },
    ...(attributesClass === '' ? {} : { volumeAttributesClassName: attributesClass }),
  };
  const record = {
    uid: claim.metadata.uid,
    deletedAt: claim.metadata.deletionTimestamp ?? format(nowMs),
    keptUntil: format(nowMs + graceMs),
    storage: formatBytes(asked > given ? asked : given),
    claim: { ...kept, spec },
  };
  return { record, left };
}

/** With what a record is made. */
export interface RecordParts {
  readonly volume: PersistentVolume;
  readonly nowMs: number;
  readonly graceMs: number;
  /** RFC 3339 of milliseconds. */
  readonly format: (epochMs: number) => string;
}

function withinBounds(claim: WrittenClaim): { readonly kept: WrittenClaim; readonly left: readonly string[] } {
  const entries = Object.entries(claim.metadata.annotations).toSorted(([, a], [, b]) => a.length - b.length);
  let size = 0;
  const fits = entries.filter(([name, value]) => {
    size += new TextEncoder().encode(JSON.stringify([name, value])).length;
    return size <= MAX_ANNOTATIONS_BYTES;
  });
  const left = entries.slice(fits.length).map(([name]) => name);
  return { kept: { ...claim, metadata: { ...claim.metadata, annotations: Object.fromEntries(fits) } }, left };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // why undefined: the caller says what is wrong with it
    return undefined;
  }
}
