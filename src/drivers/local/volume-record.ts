import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';

/** How a volume keeps its data: `file` = an image with its own size, `directory` = a directory without one. */
export type VolumeType = 'file' | 'directory';

/** What is durable about a volume: the file `volume.json` in its directory. */
export interface VolumeRecord {
  readonly id: string;
  /** The name in CreateVolume: the key of its idempotency. */
  readonly name: string;
  readonly type: VolumeType;
  readonly sizeBytes: bigint;
  /** The filesystem asked for at creation; absent = the default when first staged. */
  readonly fsType?: string | undefined;
  readonly createdAtMs: number;
  /** What it was made from; it is independent of that since. */
  readonly source?: ContentReference | undefined;
}

/** A snapshot or a volume from which a volume is made. */
export interface ContentReference {
  readonly kind: 'snapshot' | 'volume';
  readonly id: string;
}

const RECORD_VERSION = 1;
/** A name that is its own id: safe as a file name, and not so long that `.deleting-<id>` outgrows 255 bytes. */
const PLAIN_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const HASHED_NAME = /^h-[0-9a-f]{64}$/;

/** The id of the volume of a name. `pvc-<uid>` stays as it is, so that a person finds the file; other names become a hash. */
export function volumeIdOf(name: string): string {
  // why: a hash has 66 characters, so that no plain name can be one
  return PLAIN_NAME.test(name) ? name : `h-${createHash('sha256').update(name).digest('hex')}`;
}

/** True for what {@link volumeIdOf} answers. */
export function isVolumeId(text: string): boolean {
  return PLAIN_NAME.test(text) || HASHED_NAME.test(text);
}

/** The text of `volume.json`. */
export function formatRecord(record: VolumeRecord): string {
  return `${JSON.stringify({ version: RECORD_VERSION, ...record, sizeBytes: String(record.sizeBytes) })}\n`;
}

/** Reads the text of `volume.json`. */
export function parseRecord(text: string): Result<VolumeRecord> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('volume.json is not JSON');
  }
  if (!isRecord(value)) return fail('volume.json is not an object');
  const { version, id, name, type, sizeBytes, fsType, createdAtMs } = value;
  if (version !== RECORD_VERSION) return fail(`volume.json has version ${String(version)}, known is ${RECORD_VERSION}`);
  if (typeof id !== 'string' || typeof name !== 'string' || typeof createdAtMs !== 'number')
    return fail('volume.json lacks id, name or createdAtMs');
  if (type !== 'file' && type !== 'directory') return fail(`volume.json has type ${String(type)}`);
  if (typeof sizeBytes !== 'string' || !/^\d+$/.test(sizeBytes)) return fail(`volume.json has sizeBytes ${String(sizeBytes)}`);
  const optional = { ...(typeof fsType === 'string' ? { fsType } : {}), ...parseReference(value['source']) };
  return ok({ id, name, type, sizeBytes: BigInt(sizeBytes), createdAtMs, ...optional });
}

function parseReference(value: unknown): Pick<VolumeRecord, 'source'> {
  if (!isRecord(value)) return {};
  const { kind, id } = value;
  return (kind === 'snapshot' || kind === 'volume') && typeof id === 'string' ? { source: { kind, id } } : {};
}
