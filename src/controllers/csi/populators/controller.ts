import { referenceGrants, volumePopulators } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, formatKeyOf, type KubeObject, parseKey } from '#api/meta/object.ts';
import { customResourceDefinitions, events, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import { isBindCompleted } from '#api/storage/claim.ts';
import { dataSourceOf, isFilledByOthers } from '#api/storage/data-source.ts';
import { copyKeyOf, POPULATE_FINALIZER, populatedClaimOf, primeKeyOf } from '#api/storage/populator.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, type Trigger, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES, NAMESPACE_INDEX, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { ADOPTED_INDEXES } from './adopted-kinds.ts';
import type { FillPlace } from './drafts.ts';
import type { PopulatorOperations } from './metrics.ts';
import { OBSTACLE_INDEX } from './obstacles.ts';
import type { Populator } from './populator.ts';
import type { AskProgress } from './progress.ts';
import { isOfPopulator, type PopulationParts, reconcilePopulation, removeOrphan } from './reconcile.ts';

/** Volumes that are filled at a time; each is a pod. */
const CONCURRENCY = 10;

/** What the filling of volumes needs. */
export interface PopulatorDeps {
  readonly informers: InformerFactory;
  readonly populators: readonly Populator[];
  readonly place: FillPlace;
  readonly ask: AskProgress;
  readonly operations: PopulatorOperations;
}

/** Claims that wait to be filled, by the kind and name of what they are filled from. */
const SOURCE_INDEX = {
  populatedFrom: (claim: PersistentVolumeClaim): readonly string[] => {
    const source = isBindCompleted(claim) ? undefined : dataSourceOf(claim);
    return source === undefined ? [] : [sourceText(source.group, source.kind, formatKey(source.key))];
  },
  populatedKind: (claim: PersistentVolumeClaim): readonly string[] => {
    const source = isBindCompleted(claim) ? undefined : dataSourceOf(claim);
    return source === undefined ? [] : [`${source.kind}.${source.group}`];
  },
};

function sourceText(group: string, kind: string, key: string): string {
  return `${kind}.${group} ${key}`;
}

/** Fills volumes from what populators know (lib-volume-populator's flow: a claim beside, a pod that fills it, its volume handed over). */
export function createPopulatorController({
  informers,
  populators,
  place,
  ask,
  operations,
}: PopulatorDeps): Controller<PersistentVolumeClaim> {
  const claims = informers.for(persistentVolumeClaims, { ...CLAIM_INDEXES, ...SOURCE_INDEX });
  const parts: PopulationParts = {
    claims,
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    classes: informers.for(storageClasses),
    pods: informers.for(pods, POD_INDEXES),
    grants: informers.for(referenceGrants, NAMESPACE_INDEX),
    warnings: informers.for(events, OBSTACLE_INDEX),
    adopted: {
      registered: informers.for(volumePopulators, ADOPTED_INDEXES.registered),
      definitions: informers.for(customResourceDefinitions, ADOPTED_INDEXES.definitions),
    },
    populators: populators.map((populator) => ({ populator, sources: informers.for(populator.kind) })),
    place,
    ask,
    operations,
  };
  claims.subscribe({ onDelete: (claim) => operations.dropped(claim) });
  return {
    name: 'populator',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: triggersOf(parts),
    reads: [parts.warnings, parts.adopted.definitions],
    concurrency: CONCURRENCY,
    concerns: (claim) => isOfPopulator(claim) || hasFinalizer(claim, POPULATE_FINALIZER) || isFilledByOthers(claim),
    reconcile: (ctx, claim) => {
      if (!isOfPopulator(claim)) return reconcilePopulation(ctx, parts, claim);
      const made = populatedClaimOf(claim);
      const isWanted = made === undefined || claims.get(made.key)?.metadata.uid === made.uid;
      return isWanted ? Promise.resolve({ kind: 'done' }) : removeOrphan(ctx, parts, made.uid);
    },
  };
}

function triggersOf(parts: PopulationParts): readonly Trigger[] {
  const { claims } = parts;
  return [
    trigger(claims, (claim) => (isOfPopulator(claim) ? claimOf(claim) : madeFor(claims, claim))),
    trigger(parts.pods, claimOf),
    trigger(parts.adopted.registered, ({ sourceKind: { group, kind } }) =>
      claims.byIndex('populatedKind', `${kind}.${group}`).map(formatKeyOf),
    ),
    trigger(parts.volumes, (volume) => {
      const key = claimKeyOf(volume);
      const claim = key === undefined ? undefined : claims.get(parseKey(key));
      return claim === undefined ? [] : [formatKeyOf(claim), ...claimOf(claim)];
    }),
    trigger(parts.classes, ({ metadata }) => claims.byIndex('waitingClass', metadata.name).map(formatKeyOf)),
    trigger(parts.grants, (grant) => [
      ...claimOf(grant),
      ...claims.byIndex('foreignSource', grant.metadata.namespace ?? '').map(formatKeyOf),
    ]),
    ...parts.populators.map(({ populator: { kind }, sources }) =>
      trigger(sources, (source) =>
        claims.byIndex('populatedFrom', sourceText(kind.group, kind.kind, formatKeyOf(source))).map(formatKeyOf),
      ),
    ),
  ];
}

/** The claim for which something was made. */
function claimOf(object: KubeObject): readonly string[] {
  const made = populatedClaimOf(object);
  return made === undefined ? [] : [formatKey(made.key)];
}

/** What was made to fill `claim`: where that is gone, it is nobody's. */
function madeFor(claims: Informer<PersistentVolumeClaim>, { metadata }: PersistentVolumeClaim): readonly string[] {
  return [primeKeyOf(metadata.uid), copyKeyOf(metadata.uid)].filter((key) => claims.get(key) !== undefined).map(formatKey);
}
