import { definitionsOf } from '#api/definitions/brought-along.ts';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import type { Event, Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { type Draft, type KubeObject, type ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { events, nodes, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import { claimResize } from '#controllers/cluster/classes/claim-resize.ts';
import { defaultStorageClass } from '#controllers/cluster/classes/default-storage-class.ts';
import { part } from '#controllers/component.ts';
import { createVolumeControllers } from '#controllers/cluster/volume-controllers.ts';
import { createCsiControllers } from '#controllers/csi/csi-controllers.ts';
import type { FillPlace } from '#controllers/csi/populators/drafts.ts';
import { createPopulatorControllers } from '#controllers/csi/populators/populator-controllers.ts';
import type { AskProgress } from '#controllers/csi/populators/progress.ts';
import { createSnapshotControllers } from '#controllers/csi/snapshots/snapshot-controllers.ts';
import { createMoveController } from '#controllers/stowage/move/controller.ts';
import { createRollbackController } from '#controllers/stowage/rollback/controller.ts';
import { createSnapshotScheduleController } from '#controllers/stowage/snapshot-schedule/controller.ts';
import { createUndeleteControllers } from '#controllers/stowage/undelete/undelete-controllers.ts';
import { hasCode } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { runController, type RunningController } from '#machinery/runtime/run-controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { StorageOperations } from '#protocols/csi/storage-operations.ts';
import { startTestApi, type TestApi } from './api.ts';
import { establish } from './builders/definition.ts';
import { settle, type FakeClock } from './fake-clock.ts';
import { connected } from './fakes/fake-driver.ts';

/** All storage controllers on a test API. */
export interface StorageBench {
  readonly api: TestApi<FakeClock>;
  readonly client: Client;
  readonly drivers: Map<string, CsiClient>;
  /** Events that controllers told, as `Reason: message`. */
  readonly told: EventDraft[];
  /** Lets everything that needs no time run to its end. */
  idle(): Promise<void>;
  /** Moves time forward, then as `idle`. */
  step(deltaMs: number): Promise<void>;
  /** Tells the controllers that a driver answers again. */
  announce(driverName: string): Promise<void>;
  /** Stops the controllers as a crash does, and starts new ones that know nothing. */
  restart(): Promise<void>;
  /** Stops the controllers; the API goes on. */
  halt(): Promise<void>;
  close(): Promise<void>;
  claim(name?: string): Promise<PersistentVolumeClaim | undefined>;
  volume(name: string): Promise<PersistentVolume | undefined>;
  pod(name?: string): Promise<Pod | undefined>;
  createClaim(draft: Draft<PersistentVolumeClaim>): Promise<PersistentVolumeClaim>;
  createVolume(draft: Draft<PersistentVolume>): Promise<PersistentVolume>;
  createClass(draft: Draft<StorageClass>): Promise<StorageClass>;
  createPod(draft: Draft<Pod>): Promise<Pod>;
  createNode(draft: Draft<Node>): Promise<Node>;
  events(): Promise<readonly Event[]>;
  /** `Reason: message` of everything told about objects of that name. */
  toldAbout(name: string): readonly string[];
}

/** Options of {@link startStorageBench}. */
export interface StorageBenchOptions {
  readonly drivers?: Readonly<Record<string, CsiClient>>;
  /** Where the controllers count. */
  readonly metrics?: Metrics;
  /** With the kinds and the controllers of snapshots. */
  readonly snapshots?: boolean;
  /** With the kind and the controllers of deleted claims. */
  readonly undelete?: boolean;
  /** With the kind of grants. */
  readonly grants?: boolean;
  /** With the kinds and the controllers of populators, in whose place a test ends the pods. */
  readonly populators?: { readonly place: FillPlace; readonly ask: AskProgress };
  /** Where commands of schedules are run. */
  readonly pods?: Pick<PodStreamSource, 'exec'>;
  /** Wraps the controllers' client, to fail or stop at writes. */
  readonly wrapClient?: (client: Client) => Client;
}

/** Starts an API with the built-in kinds, and the storage controllers on it. */
export async function startStorageBench(options: StorageBenchOptions = {}): Promise<StorageBench> {
  const api = await startTestApi({ kinds: BUILT_IN_KINDS, admission: [defaultStorageClass, claimResize] });
  const groups = [
    ...(options.snapshots === true
      ? ['snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io', 'cbt.storage.k8s.io', 'volumes.stowage.dev']
      : []),
    ...(options.undelete === true ? ['deletedclaims.volumes.stowage.dev'] : []),
    ...(options.grants === true ? ['gateway.networking.k8s.io'] : []),
    ...(options.populators === undefined ? [] : ['populator.storage.k8s.io', 'populators.stowage.dev']),
  ];
  for (const draft of definitionsOf(...groups)) await establish(api.client, draft);
  const drivers = new Map(Object.entries(options.drivers ?? {}));
  const told: EventDraft[] = [];
  let crew = await startCrew({ api, drivers, told, options });
  const idle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await settle();
      for (const running of crew.running) await running.idle();
    }
  };
  const read = async <K extends KubeObject>(resource: Resource<K>, key: ObjectKey): Promise<K | undefined> => {
    try {
      return await api.client.get(resource, key);
    } catch (thrown) {
      if (hasCode(thrown, 'NotFound')) return undefined;
      throw thrown;
    }
  };
  await idle();
  return {
    api,
    client: api.client,
    drivers,
    told,
    idle,
    step: async (deltaMs) => {
      await api.clock.step(deltaMs);
      await idle();
    },
    announce: async (driverName) => {
      crew.announce(driverName);
      await idle();
    },
    restart: async () => {
      await crew.stop();
      crew = await startCrew({ api, drivers, told, options });
      await idle();
    },
    halt: () => crew.stop(),
    close: async () => {
      await crew.stop();
      await api.close();
    },
    claim: (name = 'data') => read(persistentVolumeClaims, { namespace: 'default', name }),
    volume: (name) => read(persistentVolumes, { namespace: '', name }),
    pod: (name = 'web') => read(pods, { namespace: 'default', name }),
    createClaim: (draft) => api.client.create(persistentVolumeClaims, draft),
    createVolume: (draft) => api.client.create(persistentVolumes, draft),
    createClass: (draft) => api.client.create(storageClasses, draft),
    createPod: (draft) => api.client.create(pods, draft),
    createNode: async ({ status, ...draft }) => {
      const node = await api.client.create(nodes, draft);
      if (status === undefined) return node;
      return api.client.patch(
        nodes,
        { key: { namespace: '', name: node.metadata.name }, patch: { type: 'merge', body: { status } } },
        { subresource: 'status' },
      );
    },
    events: async () => (await api.client.list(events)).items,
    toldAbout: (name) => told.filter(({ about }) => about.metadata.name === name).map(({ reason, message }) => `${reason}: ${message}`),
  };
}

interface Crew {
  announce(driverName: string): void;
  readonly running: readonly RunningController[];
  stop(): Promise<void>;
}

async function startCrew(bench: {
  readonly api: TestApi<FakeClock>;
  readonly drivers: ReadonlyMap<string, CsiClient>;
  readonly told: EventDraft[];
  readonly options: StorageBenchOptions;
}): Promise<Crew> {
  const { api, drivers, told, options } = bench;
  const client = options.wrapClient?.(api.client) ?? api.client;
  const informers = new InformerFactory({ client, clock: api.clock, log: silentLogger });
  const metrics = options.metrics ?? new Metrics();
  const table = connected(drivers);
  const operations = new StorageOperations({ metrics, clock: api.clock });
  const controllers = [
    ...createVolumeControllers({ informers, isProvisionedHere: (driverName) => table.find(driverName) !== undefined }),
    ...createCsiControllers({ informers, drivers: table, clock: api.clock, operations }),
    ...(options.populators === undefined
      ? []
      : createPopulatorControllers({ informers, clock: api.clock, metrics, archiveHosts: [], ...options.populators })),
    ...(options.undelete === true ? createUndeleteControllers({ informers, metrics, isReclaimedHere: () => true }) : []),
    ...(options.snapshots === true
      ? [
          ...createSnapshotControllers({ informers, drivers: table, clock: api.clock, metrics }),
          part(
            'stowage-move',
            createMoveController({
              informers,
              metrics,
              image: 'mover',
              ask: options.populators?.ask ?? (() => Promise.resolve(undefined)),
            }),
          ),
          part('stowage-rollback', createRollbackController({ informers, metrics })),
          part('stowage-snapshot-schedule', createSnapshotScheduleController({ informers, metrics, pods: options.pods })),
        ]
      : []),
  ];
  const running = controllers.map(({ controller }) =>
    runController(controller, {
      client: informers.client,
      clock: api.clock,
      ids: new SystemIds(),
      log: silentLogger,
      events: { record: (event) => void told.push(event) },
      metrics,
    }),
  );
  await Promise.all(running.map(({ ready }) => ready));
  return {
    running,
    announce: table.announce,
    stop: async () => {
      await Promise.all(running.map((controller) => controller.stop()));
      informers.stop();
    },
  };
}
