import type { VolumeMove } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { attributesClassOf, classOfClaim, volumeModeOf, volumeNameOf } from '#api/storage/claim.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { formatBytes } from '#kit/quantity.ts';
import { keptClaim } from '../claim-swap/kept-claim.ts';
import { notedVolume } from '../claim-swap/swap-volumes.ts';
import { isSameDriver } from './drafts.ts';
import { whyNotGranted } from './grants.ts';
import { isToAnotherNamespace, type MoveStatus, targetNamespaceOf } from './moved.ts';
import { type MoveTarget, type Source, targetOf } from './target.ts';
import type { MoveView } from './view.ts';

/** A class of this provisioner makes no volumes. */
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** What is recorded of the claim before anything is done; or why it can't be moved so. Pure. */
export function movedClaim(move: VolumeMove, view: MoveView): Result<MoveStatus> {
  const { claimName } = move.spec;
  const claim = view.claim(claimName);
  if (claim === undefined) return fail(`claim ${quoted(claimName)}: there is none in this namespace`);
  const problem = whyNotClaim(claim);
  if (problem !== undefined) return fail(problem);
  const volume = view.volume(volumeNameOf(claim));
  if (volume === undefined) return fail(`claim ${quoted(claimName)}: its volume ${volumeNameOf(claim)} is not there`);
  const target = targetOf(move, { claim, volume }, view);
  const obstacle = whyNotTarget(move, target, { view, source: { claim, volume } });
  return obstacle === undefined ? ok(recordOf(target, { claim, volume }, notesOf(move, target, { view, claim }))) : fail(obstacle);
}

function recordOf(target: MoveTarget, { claim, volume }: Source, notes: readonly string[]): MoveStatus {
  const oldVolume = notedVolume(volume);
  return {
    uid: claim.metadata.uid,
    claim: keptClaim(claim),
    oldVolume,
    // why already here: nothing has to be made where the volume stays
    ...(target.needsCopy ? { nodeName: target.nodeName } : { newVolume: oldVolume }),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

function whyNotClaim(claim: PersistentVolumeClaim): string | undefined {
  const name = quoted(claim.metadata.name);
  if (isDeleting(claim)) return `claim ${name} is being deleted`;
  if (claim.status?.phase !== 'Bound')
    return `claim ${name} is not bound: it has no volume to move; make another of the class and size that you want`;
  const pod = claim.metadata.ownerReferences?.find(({ kind }) => kind === 'Pod');
  return pod === undefined
    ? undefined
    : `claim ${name} is an ephemeral volume of pod ${pod.name}: it comes and goes with the pod, and can't move`;
}

interface Looked {
  readonly view: MoveView;
  readonly source: Source;
}

function whyNotTarget(move: VolumeMove, target: MoveTarget, { view, source }: Looked): string | undefined {
  if (!target.needsCopy && !isToAnotherNamespace(move))
    return `claim ${quoted(move.spec.claimName)} is there already (${wishesOf(move)}): there is nothing to do`;
  return (
    whyNotNamespace(move, view) ??
    (target.needsCopy ? (whyNotClass(target, view) ?? whyNotSize(target, source) ?? whyNotNode(move, target, { view, source })) : undefined)
  );
}

function wishesOf({ spec }: VolumeMove): string {
  const { storageClassName, size, nodeName, targetNamespace } = spec;
  const wishes = { storageClassName, size, nodeName, targetNamespace };
  return Object.entries(wishes)
    .flatMap(([field, value]) => (value === undefined ? [] : [`${field} ${value}`]))
    .join(', ');
}

function whyNotClass({ className }: MoveTarget, view: MoveView): string | undefined {
  if (className === '') return 'the claim has no class that could make another volume: name one in storageClassName (--class)';
  const storageClass = view.storageClass(className);
  if (storageClass === undefined)
    return `storageClassName ${quoted(className)}: there is no such class; kubectl get storageclasses lists them`;
  if (isDeleting(storageClass)) return `storageClassName ${quoted(className)}: it is being deleted`;
  if (storageClass.provisioner !== NO_PROVISIONER) return undefined;
  return `storageClassName ${quoted(className)}: volumes of this class are made by hand (${NO_PROVISIONER}): name one that makes volumes`;
}

function whyNotSize({ sizeBytes }: MoveTarget, { claim, volume }: Source): string | undefined {
  const has = capacityBytesOf(volume);
  if (volumeModeOf(claim.spec) !== 'Block' || sizeBytes >= has) return undefined;
  return `size ${formatBytes(sizeBytes)}: the claim is a block device of ${formatBytes(has)}, of which nobody knows what could be left out: name at least ${formatBytes(has)}`;
}

function whyNotNode({ spec }: VolumeMove, { className }: MoveTarget, { view, source }: Looked): string | undefined {
  const { nodeName } = spec;
  if (nodeName === undefined) return undefined;
  const node = view.node(nodeName);
  if (node === undefined) return `nodeName ${quoted(nodeName)}: there is no such node; kubectl get nodes lists them`;
  const driver = view.storageClass(className)?.provisioner ?? '';
  const drivers = view.csiNode(nodeName)?.spec.drivers.map(({ name }) => name) ?? [];
  if (!drivers.includes(driver))
    return `nodeName ${quoted(nodeName)}: the node has no driver ${driver}, of which class ${className} is; it has ${drivers.join(', ') || 'none'}`;
  if (isVolumeUsableOn(source.volume, node)) return undefined;
  return `nodeName ${quoted(nodeName)}: the volume ${source.volume.metadata.name} can't be reached from there, and data does not move from node to node yet: ${reachedFrom(source.volume, view)}`;
}

function reachedFrom(volume: PersistentVolume, view: MoveView): string {
  const names = [...view.nodes()].filter((node) => isVolumeUsableOn(volume, node)).map(({ metadata }) => metadata.name);
  return `it lies on ${names.join(', ') || 'no node that is there'}; move it to a class whose volumes are reached from every node first (as NFS), and from there to the node`;
}

function whyNotNamespace(move: VolumeMove, view: MoveView): string | undefined {
  if (!isToAnotherNamespace(move)) return undefined;
  const [name, claimName] = [targetNamespaceOf(move), move.spec.claimName];
  // why first: of a namespace that has granted nothing, nothing is said
  const problem = whyNotGranted(move, view.grants());
  if (problem !== undefined) return problem;
  const namespace = view.namespace(name);
  if (namespace === undefined || isDeleting(namespace)) return `targetNamespace ${quoted(name)}: there is no such namespace`;
  if (view.target.claim(claimName) === undefined) return undefined;
  return `targetNamespace ${quoted(name)}: there is a claim ${quoted(claimName)} already; delete it, or leave this one where it is`;
}

/** What is not moved along, for people. */
function notesOf(
  move: VolumeMove,
  target: MoveTarget,
  { view, claim }: { readonly view: MoveView; readonly claim: PersistentVolumeClaim },
): readonly string[] {
  const attributes = attributesClassOf(claim.spec);
  const isOtherDriver = target.needsCopy && !isSameDriver(view, target.className, classOfClaim(claim));
  return [
    ...(attributes !== '' && isOtherDriver ? [`its VolumeAttributesClass ${attributes} is of another driver, and is left out`] : []),
    ...(isToAnotherNamespace(move)
      ? [
          `who used it in namespace ${move.metadata.namespace ?? ''} is stopped and stays so, and its snapshots stay there: workloads do not move`,
        ]
      : []),
  ];
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
