import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { volumeIdOf, type VolumeType } from './volume-record.ts';

/** One snapshot: what a volume held at one moment. */
export interface SnapshotRecord {
  readonly id: string;
  readonly sourceVolumeId: string;
  readonly type: VolumeType;
  /** The size of the volume at that moment: the least size of a volume that is made from it. */
  readonly sizeBytes: bigint;
  /** The most that it can cost the pool: the blocks behind it when it was made. */
  readonly storedBytes: bigint;
  readonly fsType?: string | undefined;
}

/** Snapshots that come and go together; durable as `snapshots.json` in the set's directory. One alone is a set too. */
export interface SnapshotSet {
  /** Of a single snapshot the snapshot's own id; else the id of the group. */
  readonly id: string;
  /** The name in CreateSnapshot or CreateVolumeGroupSnapshot: the key of its idempotency. */
  readonly name: string;
  readonly kind: 'single' | 'group';
  readonly createdAtMs: number;
  readonly members: readonly SnapshotRecord[];
}

const SET_VERSION = 1;

/** The id of the snapshot, or of the group, of a name. */
export function setIdOf(name: string, kind: SnapshotSet['kind']): string {
  // why: a name with a space is never its own id, so that a group and a snapshot of the same name are two things
  return volumeIdOf(kind === 'single' ? name : `group ${name}`);
}

/** The id of one member of a group. */
export function memberIdOf(groupId: string, sourceVolumeId: string): string {
  return volumeIdOf(`${groupId} ${sourceVolumeId}`);
}

/** The text of `snapshots.json`. */
export function formatSnapshotSet(set: SnapshotSet): string {
  const members = set.members.map((member) => ({
    ...member,
    sizeBytes: String(member.sizeBytes),
    storedBytes: String(member.storedBytes),
  }));
  return `${JSON.stringify({ version: SET_VERSION, ...set, members })}\n`;
}

/** Reads the text of `snapshots.json`. */
export function parseSnapshotSet(text: string): Result<SnapshotSet> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('snapshots.json is not JSON');
  }
  if (!isRecord(value)) return fail('snapshots.json is not an object');
  const { version, id, name, kind, createdAtMs, members } = value;
  if (version !== SET_VERSION) return fail(`snapshots.json has version ${String(version)}, known is ${SET_VERSION}`);
  if (typeof id !== 'string' || typeof name !== 'string' || typeof createdAtMs !== 'number')
    return fail('snapshots.json lacks id, name or createdAtMs');
  if (kind !== 'single' && kind !== 'group') return fail(`snapshots.json has kind ${String(kind)}`);
  const parsed = Array.isArray(members) ? members.map(parseMember) : [];
  const known = parsed.flatMap((member) => (member === undefined ? [] : [member]));
  if (known.length === 0 || known.length !== parsed.length) return fail('snapshots.json has no members, or one that is not whole');
  return ok({ id, name, kind, createdAtMs, members: known });
}

function parseMember(value: unknown): SnapshotRecord | undefined {
  if (!isRecord(value)) return undefined;
  const { id, sourceVolumeId, type, fsType } = value;
  const sizeBytes = parseBytes(value['sizeBytes']);
  const storedBytes = parseBytes(value['storedBytes']);
  if (typeof id !== 'string' || typeof sourceVolumeId !== 'string' || (type !== 'file' && type !== 'directory')) return undefined;
  if (sizeBytes === undefined || storedBytes === undefined) return undefined;
  return { id, sourceVolumeId, type, sizeBytes, storedBytes, ...(typeof fsType === 'string' ? { fsType } : {}) };
}

function parseBytes(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : undefined;
}
