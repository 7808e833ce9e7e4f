import { isDeepStrictEqual } from 'node:util';
import {
  type VolumeGroupSnapshot,
  type VolumeGroupSnapshotContent,
  type VolumeSnapshot,
  volumeSnapshotContents,
  type VolumeSnapshotContent,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { type Draft, keyOf, type KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { groupHandleOf, groupOwnerOf, memberContentNameOf } from '#api/storage/group-snapshot.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { contentNotes } from '../content-steps.ts';
import { reportOf } from '../snapshot-status.ts';
import { memberContentDraft, memberContentStatus, memberDraft, memberNameFor, type TakenMember, takenMembersOf } from './members.ts';

/** Where members are looked up. */
export interface MemberParts {
  readonly snapshots: Informer<VolumeSnapshot>;
  readonly snapshotContents: Informer<VolumeSnapshotContent>;
  /** The volume as its driver knows it; undefined where it has gone. */
  readonly volumeOf: (driverName: string, volumeHandle: string) => PersistentVolume | undefined;
}

/** A group and what its driver has. */
interface Bound {
  readonly group: VolumeGroupSnapshot;
  readonly groupContent: VolumeGroupSnapshotContent;
}

/** An object of the name that a member has is there, and is somebody else's. */
export interface MemberTaken {
  readonly problem: string;
}

/**
 * Makes a snapshot and its content of each volume that the driver has named, and lets both say what it told. Names are made of the group's uid and the
 * volume, so that each is there once whatever is repeated. Answers how many are ready, or who is in the way.
 */
export async function ensureMembers(ctx: Ctx, parts: MemberParts, bound: Bound): Promise<MemberTaken | { readonly ready: number }> {
  let ready = 0;
  for (const taken of takenMembersOf(bound.groupContent)) {
    const volume = parts.volumeOf(bound.groupContent.spec.driver, taken.volumeHandle);
    const snapshot = await ensureSnapshot(ctx, parts, { ...bound, taken, volume });
    if (groupOwnerOf(snapshot)?.uid !== bound.group.metadata.uid)
      return {
        problem: `VolumeSnapshot ${JSON.stringify(snapshot.metadata.name)} is there and is not of this group: delete it, and it is made anew`,
      };
    const content = await ensureContent(ctx, parts, { ...bound, taken, volume, snapshot });
    if (content.spec.volumeSnapshotRef.uid !== snapshot.metadata.uid)
      return {
        problem: `VolumeSnapshotContent ${JSON.stringify(content.metadata.name)} is there and is bound to another snapshot: delete it, and it is made anew`,
      };
    if (await ensureStatus(ctx, bound, { snapshot, content, taken })) ready += 1;
  }
  return { ready };
}

interface MemberOrder extends Bound {
  readonly taken: TakenMember;
  readonly volume: PersistentVolume | undefined;
}

function ensureSnapshot(ctx: Ctx, { snapshots }: MemberParts, { group, taken, volume }: MemberOrder): Promise<VolumeSnapshot> {
  const { namespace = '' } = group.metadata;
  const found = snapshots.get({ namespace, name: memberNameFor(group, taken) });
  return found === undefined ? createOnce(ctx, volumeSnapshots, memberDraft(group, taken, volume)) : Promise.resolve(found);
}

function ensureContent(
  ctx: Ctx,
  { snapshotContents }: MemberParts,
  { groupContent, snapshot, taken, volume }: MemberOrder & { readonly snapshot: VolumeSnapshot },
): Promise<VolumeSnapshotContent> {
  const found = snapshotContents.get({ namespace: '', name: memberContentNameOf(snapshot.metadata.name) });
  if (found !== undefined) return Promise.resolve(found);
  const groupHandle = groupHandleOf(groupContent) ?? '';
  return createOnce(ctx, volumeSnapshotContents, memberContentDraft({ snapshot, taken, groupContent, groupHandle, volume }));
}

/** What is made, or what is there under its name. */
async function createOnce<K extends KubeObject>(ctx: Ctx, resource: Resource<K>, draft: Draft<K>): Promise<K> {
  try {
    return await ctx.client.create(resource, draft);
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
    return ctx.client.get(resource, { namespace: draft.metadata.namespace ?? '', name: draft.metadata.name ?? '' });
  }
}

/** True where the member is ready. */
async function ensureStatus(
  ctx: Ctx,
  { group, groupContent }: Bound,
  member: { readonly snapshot: VolumeSnapshot; readonly content: VolumeSnapshotContent; readonly taken: TakenMember },
): Promise<boolean> {
  const { snapshot, taken } = member;
  const status = memberContentStatus(taken, groupHandleOf(groupContent) ?? '');
  // why not compared as they come: numbers of nanoseconds may be read as bigint
  const isTold = isDeepStrictEqual(comparable(member.content.status ?? {}), comparable(status));
  const content = isTold ? member.content : await contentNotes.patchStatus(ctx, member.content, status);
  const report = reportOf(snapshot, content, group.metadata.name);
  if (report !== undefined) {
    const { error, ...rest } = report.status;
    const patch = { type: 'merge', body: { status: { ...rest, error: error ?? null } } } as const;
    await ctx.client.patch(volumeSnapshots, { key: keyOf(snapshot), patch }, { subresource: 'status' });
    for (const event of report.events) ctx.events.record(event);
  }
  return taken.readyToUse;
}

function comparable(status: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(status).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const])),
  );
}
