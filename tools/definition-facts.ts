import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isRecord, trusted } from '#kit/json.ts';

/** The definitions that Stowage brings along, as files of the folder of facts name them. */
const BROUGHT = [
  'volumesnapshotclasses.snapshot.storage.k8s.io',
  'volumesnapshotcontents.snapshot.storage.k8s.io',
  'volumesnapshots.snapshot.storage.k8s.io',
  'volumegroupsnapshotclasses.groupsnapshot.storage.k8s.io',
  'volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io',
  'volumegroupsnapshots.groupsnapshot.storage.k8s.io',
  'volumepopulators.populator.storage.k8s.io',
  'bucketaccessclasses.objectstorage.k8s.io',
  'bucketaccesses.objectstorage.k8s.io',
  'bucketclaims.objectstorage.k8s.io',
  'bucketclasses.objectstorage.k8s.io',
  'buckets.objectstorage.k8s.io',
  'replicationdestinations.volsync.backube',
  'replicationsources.volsync.backube',
  'localvolumedevicelinks.local.storage.openshift.io',
  'localvolumediscoveries.local.storage.openshift.io',
  'localvolumediscoveryresults.local.storage.openshift.io',
  'localvolumes.local.storage.openshift.io',
  'localvolumesets.local.storage.openshift.io',
  'cephobjectstoreusers.ceph.rook.io',
  'logicalvolumes.topolvm.io',
];
const CAPABILITY = ['*', 'read', 'write'];

interface Definition {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Names, annotations and specs of the definitions that Stowage brings along. */
export function definitionFacts(folder: string): readonly unknown[] {
  return BROUGHT.map((name) => {
    const definition = trusted<Definition>(JSON.parse(readFileSync(path.join(folder, 'crds', `${name}.json`), 'utf8')));
    return { metadata: definition.metadata, spec: AMENDED.get(name)?.(definition.spec) ?? definition.spec };
  });
}

/** Definitions that have to take more than the published ones, because the platform's manual writes it. */
const AMENDED: ReadonlyMap<string, (spec: unknown) => unknown> = new Map([
  ['cephobjectstoreusers.ceph.rook.io', withCapabilityLists],
  ['bucketclaims.objectstorage.k8s.io', withOneProtocol],
]);

/** A bucket claim may name its one protocol under `protocol`, as the earlier manual has it. */
function withOneProtocol(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withOneProtocol);
  if (!isRecord(value)) return value;
  const { properties, required, ...rest } = value;
  if (!isRecord(properties) || properties['protocols'] === undefined)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withOneProtocol(member)]));
  const needed = Array.isArray(required) ? required.filter((name) => name !== 'protocols') : [];
  return { ...rest, required: needed, properties: { ...properties, protocol: { type: 'string' } } };
}

/** Rook takes a text such as `read, write` for a capability; the platform's manual also writes lists, which have to be accepted as well. */
function withCapabilityLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withCapabilityLists);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === 'capabilities' ? withLists(member) : withCapabilityLists(member)]),
  );
}

function withLists(capabilities: unknown): unknown {
  if (!isRecord(capabilities) || !isRecord(capabilities['properties'])) return capabilities;
  const lists = [...CAPABILITY.map((word) => [word]), ['read', 'write'], ['write', 'read']];
  const either = { enum: [...CAPABILITY, 'read, write', ...lists], 'x-kubernetes-preserve-unknown-fields': true };
  return { ...capabilities, properties: Object.fromEntries(Object.keys(capabilities['properties']).map((name) => [name, either])) };
}
