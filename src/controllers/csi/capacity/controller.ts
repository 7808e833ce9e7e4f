import type { CSIDriver, CSIStorageCapacity, PersistentVolume, StorageClass } from '#api/generated/kubernetes.ts';
import { formatKeyOf, keyOf, parseKey } from '#api/meta/object.ts';
import { csiDrivers, csiNodes, csiStorageCapacities, nodes, persistentVolumes, storageClasses } from '#api/resources.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ConnectedDrivers, DriverControllerDeps } from '../driver-work/drivers.ts';
import { TopologyMap } from '../provisioning/topology.ts';
import { CAPACITY_INDEXES } from '../../indexes.ts';
import { capacityDraft, capacityName, driverParameters, isOurs, isSameCapacity, type Segments } from './plan.ts';

interface Parts {
  readonly classes: Informer<StorageClass>;
  readonly csiDrivers: Informer<CSIDriver>;
  readonly capacities: Informer<CSIStorageCapacity>;
  readonly topology: TopologyMap;
  readonly drivers: ConnectedDrivers;
  readonly timeoutMs: number;
  /** When a class was last looked at, by name; bounded by the classes. */
  readonly lookedAtMs: Map<string, number>;
}

const CONCURRENCY = 4;
const DEFAULT_TIMEOUT_MS = 10_000;
/** As external-provisioner's `--capacity-poll-interval`. */
const POLL_MS = 60_000;
/** While volumes come and go, a class is looked at no more often than this. */
const MIN_INTERVAL_MS = 1_000;
const CLASS_INDEX = { provisioner: ({ provisioner }: StorageClass): readonly string[] => [provisioner] };

/** Says in CSIStorageCapacity objects how much the drivers have left, for each class and place. */
export function createCapacityController(deps: Omit<DriverControllerDeps, 'clock'>): Controller<StorageClass> {
  const { informers } = deps;
  const nodeInformer = informers.for(nodes);
  const csiNodeInformer = informers.for(csiNodes);
  const parts: Parts = {
    classes: informers.for(storageClasses, CLASS_INDEX),
    csiDrivers: informers.for(csiDrivers),
    capacities: informers.for(csiStorageCapacities, CAPACITY_INDEXES),
    topology: new TopologyMap(nodeInformer, csiNodeInformer),
    drivers: deps.drivers,
    timeoutMs: deps.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    lookedAtMs: new Map(),
  };
  const classesOf = (provisioner: string): readonly string[] => parts.classes.byIndex('provisioner', provisioner).map(formatKeyOf);
  const volumesChanged = (volume: PersistentVolume, previous?: PersistentVolume): boolean =>
    previous === undefined || previous.spec.capacity?.['storage'] !== volume.spec.capacity?.['storage'];
  return {
    name: 'capacity',
    resource: storageClasses,
    informer: parts.classes,
    triggers: [
      trigger(parts.csiDrivers, ({ metadata }) => classesOf(metadata.name)),
      trigger(csiNodeInformer, (csiNode, previous) =>
        deepEqual(csiNode.spec, previous?.spec) ? [] : csiNode.spec.drivers.flatMap(({ name }) => classesOf(name)),
      ),
      trigger(informers.for(persistentVolumes), (volume, previous) => {
        const driverName = volume.spec.csi?.driver;
        return driverName !== undefined && volumesChanged(volume, previous) ? classesOf(driverName) : [];
      }),
    ],
    reads: [nodeInformer, parts.capacities],
    // why: a driver that comes after its class, or comes back, may have other room than was told before
    wakeUps: (add) => deps.drivers.onBack((driverName) => classesOf(driverName).forEach(add)),
    concurrency: CONCURRENCY,
    reconcile: (ctx, storageClass) => reconcileCapacity(ctx, parts, storageClass),
    reconcileGone: async (ctx, key) => {
      const { name } = parseKey(key);
      parts.lookedAtMs.delete(name);
      await removeOthers(ctx, parts, { className: name, wanted: new Set() });
      return done;
    },
  };
}

async function reconcileCapacity(ctx: Ctx, parts: Parts, storageClass: StorageClass): Promise<Outcome> {
  const className = storageClass.metadata.name;
  const nowMs = ctx.clock.nowMs();
  const waitMs = (parts.lookedAtMs.get(className) ?? -Infinity) + MIN_INTERVAL_MS - nowMs;
  if (waitMs > 0) return after(waitMs, 'volumes come and go');
  const driver = parts.drivers.find(storageClass.provisioner);
  const isAsked = parts.csiDrivers.get({ namespace: '', name: storageClass.provisioner })?.spec.storageCapacity === true;
  if (!isAsked || driver === undefined) {
    // why not while the driver is away: it comes back with what it had
    if (!isAsked) await removeOthers(ctx, parts, { className, wanted: new Set() });
    return done;
  }
  parts.lookedAtMs.set(className, nowMs);
  const places = parts.topology.segmentsFor(storageClass);
  await removeOthers(ctx, parts, { className, wanted: new Set(places.map((segments) => capacityName(storageClass, segments))) });
  await Promise.all(places.map((segments) => publish(ctx, parts, { storageClass, segments, driver })));
  return after(POLL_MS, 'looking again from time to time');
}

interface Place {
  readonly storageClass: StorageClass;
  readonly segments: Segments;
  readonly driver: CsiClient;
}

async function publish(ctx: Ctx, parts: Parts, { storageClass, segments, driver }: Place): Promise<void> {
  try {
    const request = { parameters: driverParameters(storageClass), accessibleTopology: { segments } };
    const answer = await driver.controller.getCapacity(request, { timeoutMs: parts.timeoutMs, signal: ctx.signal });
    await ensureObject(ctx, parts, capacityDraft(storageClass, segments, answer));
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    // why no more: what it said before stands, and it is asked again
    ctx.log.debug('a driver does not say what it has left', { driver: storageClass.provisioner, err: PlatformError.from(thrown) });
  }
}

async function ensureObject(ctx: Ctx, parts: Parts, draft: ReturnType<typeof capacityDraft>): Promise<void> {
  const key = { namespace: draft.metadata.namespace ?? '', name: draft.metadata.name ?? '' };
  const found = parts.capacities.get(key);
  if (found !== undefined && isSameCapacity(found, draft)) return;
  const { capacity, maximumVolumeSize } = draft;
  if (found !== undefined)
    await ctx.client.patch(csiStorageCapacities, {
      key,
      patch: { type: 'merge', body: { capacity, maximumVolumeSize: maximumVolumeSize ?? null } },
    });
  else await ctx.client.create(csiStorageCapacities, draft);
}

async function removeOthers(
  ctx: Ctx,
  { capacities }: Parts,
  { className, wanted }: { readonly className: string; readonly wanted: ReadonlySet<string> },
): Promise<void> {
  for (const object of capacities.byIndex('class', className)) {
    if (!isOurs(object) || wanted.has(object.metadata.name)) continue;
    try {
      await ctx.client.delete(csiStorageCapacities, keyOf(object), { uid: object.metadata.uid });
    } catch (thrown) {
      if (!hasCode(thrown, 'NotFound')) throw thrown;
    }
  }
}
