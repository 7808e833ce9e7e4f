import { type SnapshotMetadataService, snapshotMetadataServices } from '#api/generated/definitions.ts';
import { csiDrivers } from '#api/resources.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { DriverCapabilities } from '../../driver-work/driver-capabilities.ts';
import type { ConnectedDrivers } from '../../driver-work/drivers.ts';
import { type DriverState, MANAGED_BY_STOWAGE, planService, type ServiceAddress } from './service-plan.ts';
import { tracksBlocks } from './tracks-blocks.ts';

/** What the controller needs. */
export interface MetadataServiceDeps {
  readonly informers: InformerFactory;
  readonly drivers: ConnectedDrivers;
  readonly service: ServiceAddress;
}

/** A driver that does not answer what it can do is asked again. */
const ASK_AGAIN_MS = 10_000;
/** One call that asks a driver what it can do. */
const TIMEOUT_MS = 10_000;

/** Keeps a SnapshotMetadataService of each connected driver that tells of blocks, by which backup programs find the service (KEP-3314). */
export function createMetadataServiceController({ informers, drivers, service }: MetadataServiceDeps): Controller<SnapshotMetadataService> {
  const services = informers.for(snapshotMetadataServices);
  const registered = informers.for(csiDrivers);
  const tracking = new DriverCapabilities(tracksBlocks);
  const keep = async (ctx: Ctx, name: string): Promise<Outcome> => {
    const driver = drivers.find(name);
    const state = { isRegistered: registered.get({ namespace: '', name }) !== undefined };
    if (driver === undefined) return apply(ctx, name, { ...state, tracks: undefined });
    try {
      return await apply(ctx, name, { ...state, tracks: await tracking.of(driver, { timeoutMs: TIMEOUT_MS, signal: ctx.signal }) });
    } catch (thrown) {
      if (!hasCode(thrown, 'Unavailable', 'DeadlineExceeded')) throw thrown;
      return after(ASK_AGAIN_MS, PlatformError.from(thrown).message);
    }
  };
  const apply = async (ctx: Ctx, name: string, state: DriverState): Promise<Outcome> => {
    const plan = planService(services.get({ namespace: '', name }), state, service);
    const key = { namespace: '', name };
    switch (plan.kind) {
      case 'leave':
        return done;
      case 'make':
        await ctx.client.create(snapshotMetadataServices, { metadata: { name, labels: MANAGED_BY_STOWAGE }, spec: plan.spec });
        return done;
      case 'mend':
        await ctx.client.patch(snapshotMetadataServices, { key, patch: { type: 'merge', body: { spec: plan.spec } } });
        return done;
      case 'remove':
        await ctx.client.delete(snapshotMetadataServices, key);
        return done;
      default:
        return assertNever(plan);
    }
  };
  return {
    name: 'snapshot-metadata-service',
    resource: snapshotMetadataServices,
    informer: services,
    triggers: [trigger(registered, ({ metadata }) => [metadata.name])],
    wakeUps: (add) => {
      for (const name of drivers.names()) add(name);
      return drivers.onBack(add);
    },
    concurrency: 4,
    reconcile: (ctx, { metadata }) => keep(ctx, metadata.name),
    reconcileGone: keep,
  };
}
