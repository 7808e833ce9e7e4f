import type { CSIStorageCapacity, Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';

/** What a node selector or label selector asks of one label. */
interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Everything that a placement of claims depends on. */
export interface World {
  readonly volumes: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
  readonly capacities: readonly CSIStorageCapacity[];
  /** Names of drivers that publish their capacity. */
  readonly publishing: readonly string[];
  readonly nodes: readonly Node[];
  /** All claims, those of the pod in question among them. */
  readonly claims: readonly PersistentVolumeClaim[];
}

/** The name of a claim, and that of the volume that it gets; `new` for one that is made. */
export type Choice = readonly [claim: string, volume: string];

/**
 * What upstream's scheduler would do for the unbound claims of one pod on one node, written down from its rules as loops over everything, and knowing nothing of
 * our code: claims by ascending request, each the smallest volume that is left, else a new one. New volumes are counted together. Undefined where that fails.
 */
export function upstreamChoice(claims: readonly PersistentVolumeClaim[], node: Node, world: World): readonly Choice[] | undefined {
  const chosen: Choice[] = [];
  const used = new Set<string>();
  for (const claim of bySize(claims)) {
    const volume = smallest(candidates(claim, node, world).filter(({ metadata }) => !used.has(metadata.name)));
    if (volume === undefined && !canMake(claim, node, world)) return undefined;
    if (volume !== undefined) used.add(volume.metadata.name);
    chosen.push([claim.metadata.name, volume?.metadata.name ?? 'new']);
  }
  return isAllowed(chosen, { claims, node, world }) ? chosen : undefined;
}

/** True where any combination serves all claims of the pod on the node: tries every one. */
export function isPossible(claims: readonly PersistentVolumeClaim[], node: Node, world: World): boolean {
  const tryFrom = (index: number, chosen: readonly Choice[]): boolean => {
    const claim = claims[index];
    if (claim === undefined) return isAllowed(chosen, { claims, node, world });
    const options = [
      ...candidates(claim, node, world).map(({ metadata }) => metadata.name),
      ...(canMake(claim, node, world) ? ['new'] : []),
    ];
    return options.some((name) => tryFrom(index + 1, [...chosen, [claim.metadata.name, name]]));
  };
  return tryFrom(0, []);
}

/** True where each claim gets something that it may have, nobody twice the same, and new volumes have room together. */
export function isAllowed(
  chosen: readonly Choice[],
  { claims, node, world }: { readonly claims: readonly PersistentVolumeClaim[]; readonly node: Node; readonly world: World },
): boolean {
  const existing = chosen.filter(([, volume]) => volume !== 'new').map(([, volume]) => volume);
  if (new Set(existing).size !== existing.length || chosen.length !== claims.length) return false;
  const made: PersistentVolumeClaim[] = [];
  for (const claim of claims) {
    const volume = chosen.find(([name]) => name === claim.metadata.name)?.[1];
    if (volume === undefined) return false;
    if (volume !== 'new' && !candidates(claim, node, world).some(({ metadata }) => metadata.name === volume)) return false;
    if (volume === 'new' && !canMake(claim, node, world)) return false;
    // why: one whose node was chosen before is being made already
    if (volume === 'new' && selectedNode(claim) === undefined) made.push(claim);
  }
  return hasRoomForAll(made, node, world);
}

/** The volumes that the claim might get on the node, in the order of their names. */
function candidates(claim: PersistentVolumeClaim, node: Node, world: World): readonly PersistentVolume[] {
  if (selectedNode(claim) !== undefined) return [];
  const fitting = world.volumes.filter((volume) => passesBoth(claim, volume));
  const reserved = fitting.filter((volume) => isFor(claim, volume));
  // a begun binding first, then fewer access modes, then the smaller one: where upstream leaves it to the order of maps
  const [first] = reserved.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  if (first !== undefined) return isUsable(first, node) ? [first] : [];
  return fitting.filter(
    (volume) =>
      volume.status?.phase === 'Available' &&
      hasLabels(claim, volume) &&
      (volume.spec.storageClassName ?? '') === className(claim) &&
      isUsable(volume, node),
  );
}

/** The rules that hold for reserved volumes, too. */
function passesBoth(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  const { claimRef } = volume.spec;
  return (
    (claimRef === undefined || isFor(claim, volume)) &&
    size(volume) >= request(claim) &&
    (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem') &&
    (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '') &&
    volume.metadata.deletionTimestamp === undefined &&
    (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode) === true)
  );
}

function canMake(claim: PersistentVolumeClaim, node: Node, world: World): boolean {
  const selected = selectedNode(claim);
  if (selected !== undefined && selected !== node.metadata.name) return false;
  const storageClass = world.classes.find(({ metadata }) => metadata.name === className(claim));
  if (storageClass === undefined || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false;
  const { allowedTopologies } = storageClass;
  if (allowedTopologies === undefined || allowedTopologies.length === 0) return true;
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(node.metadata.labels?.[key] ?? '')),
  );
}

function hasRoomForAll(made: readonly PersistentVolumeClaim[], node: Node, world: World): boolean {
  for (const storageClass of world.classes) {
    if (!world.publishing.includes(storageClass.provisioner)) continue;
    const asked = made.filter((claim) => className(claim) === storageClass.metadata.name);
    if (asked.length === 0) continue;
    const segment = world.capacities.find(
      ({ storageClassName, nodeTopology }) => storageClassName === storageClass.metadata.name && isIn(nodeTopology, node),
    );
    if (segment === undefined) return false;
    const promised = world.claims.filter((claim) => {
      const host = world.nodes.find(({ metadata }) => metadata.name === selectedNode(claim));
      const isUnbound = (claim.spec.volumeName ?? '') === '';
      return className(claim) === storageClass.metadata.name && isUnbound && host !== undefined && isIn(segment.nodeTopology, host);
    });
    const sum = [...asked, ...promised].reduce((total, claim) => total + request(claim), 0);
    const largest = mebibytes(segment.maximumVolumeSize ?? segment.capacity);
    if (sum > mebibytes(segment.capacity) || asked.some((claim) => request(claim) > largest)) return false;
  }
  return true;
}

function isIn(topology: CSIStorageCapacity['nodeTopology'], node: Node): boolean {
  return Object.entries(topology?.matchLabels ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value);
}

function isFor(claim: PersistentVolumeClaim, { spec: { claimRef } }: PersistentVolume): boolean {
  if (claimRef?.name !== claim.metadata.name || claimRef.namespace !== claim.metadata.namespace) return false;
  return claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === claim.metadata.uid;
}

function isUsable(volume: PersistentVolume, node: Node): boolean {
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms;
  if (terms === undefined) return true;
  return terms.some(
    ({ matchExpressions = [] }) => matchExpressions.length > 0 && matchExpressions.every((one) => holds(one, node.metadata.labels)),
  );
}

function hasLabels(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  const { selector } = claim.spec;
  const labels = volume.metadata.labels ?? {};
  const isEqual = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return isEqual && (selector?.matchExpressions ?? []).every((one) => holds(one, labels));
}

function holds({ key, operator, values = [] }: Requirement, labels: Readonly<Record<string, string>> = {}): boolean {
  const value = labels[key];
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  return operator === 'Exists' ? value !== undefined : value === undefined;
}

function smallest(volumes: readonly PersistentVolume[]): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)))
    if (best === undefined || size(volume) < size(best)) best = volume;
  return best;
}

function bySize(claims: readonly PersistentVolumeClaim[]): readonly PersistentVolumeClaim[] {
  return claims.toSorted((a, b) => request(a) - request(b));
}

function rank(volume: PersistentVolume): string {
  const { accessModes = [], claimRef } = volume.spec;
  const isBegun = (claimRef?.uid ?? '') !== '';
  return [
    accessModes.length,
    accessModes.toSorted().join(),
    isBegun ? 0 : 1,
    String(size(volume)).padStart(9, '0'),
    volume.metadata.name,
  ].join('/');
}

function selectedNode(claim: PersistentVolumeClaim): string | undefined {
  return claim.metadata.annotations?.['volume.kubernetes.io/selected-node'];
}

function className(claim: PersistentVolumeClaim): string {
  return claim.spec.storageClassName ?? '';
}

function size(volume: PersistentVolume): number {
  return mebibytes(volume.spec.capacity?.['storage']);
}

function request(claim: PersistentVolumeClaim): number {
  return mebibytes(claim.spec.resources?.requests?.['storage']);
}

/** The model's sizes are whole mebibytes. */
function mebibytes(text: string | undefined): number {
  const match = /^(\d+)Mi$/.exec(text ?? '0Mi');
  if (match === null) throw new TypeError(`${text} is not a size of the model`);
  return Number(match[1]);
}
