import type { CSIDriver, PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKeyOf, keyOf } from '#api/meta/object.ts';
import { csiDrivers, persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { healthChange, isUnwell } from '#api/storage/health.ts';
import { isVolumeOfClaim } from '#api/storage/volume.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Controller, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { HealthCondition } from '#protocols/csi/volume-health.ts';
import { VOLUME_DRIVER_INDEX } from '../../indexes.ts';
import { askController, DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import type { ConnectedDrivers, DriverControllerDeps } from '../driver-work/drivers.ts';
import { type HealthOfVolumes, type HealthQuestion, healthQuestion } from './ask-health.ts';
import { volumeAbnormal, volumeWell } from './events.ts';

interface Parts {
  readonly volumes: Informer<PersistentVolume>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly drivers: ConnectedDrivers;
  readonly questions: DriverCapabilities<HealthQuestion | undefined>;
  readonly timeoutMs: number;
}

/** A claim that has its volume. */
interface Held {
  readonly claim: PersistentVolumeClaim;
  readonly volumeId: string;
}

/** external-health-monitor's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 15_000;
/** A driver that could not even be asked what it can do is asked again. */
const RETRY_MS = 60_000;
const CONCURRENCY = 4;

/** Asks drivers how the volumes of claims are, and says so in the claims' status and events (external-health-monitor, KEP-1432). */
export function createHealthController(deps: Omit<DriverControllerDeps, 'clock' | 'operations'>): Controller<CSIDriver> {
  const { informers, drivers, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const parts: Parts = {
    volumes: informers.for(persistentVolumes, VOLUME_DRIVER_INDEX),
    claims: informers.for(persistentVolumeClaims),
    drivers,
    questions: new DriverCapabilities(async (driver, call) => healthQuestion(await askController(driver, call))),
    timeoutMs,
  };
  const known = informers.for(csiDrivers);
  return {
    name: 'volume-health',
    resource: csiDrivers,
    informer: known,
    triggers: [],
    reads: [parts.volumes, parts.claims],
    wakeUps: (add) => drivers.onBack((name) => (known.get({ namespace: '', name }) === undefined ? undefined : add(name))),
    // why in lanes: a driver that hangs keeps nobody else's volumes waiting
    concurrency: CONCURRENCY,
    laneOf: formatKeyOf,
    reconcile: (ctx, driver) => lookAt(ctx, parts, driver.metadata.name),
  };
}

async function lookAt(ctx: Ctx, parts: Parts, driverName: string): Promise<Outcome> {
  const driver = parts.drivers.find(driverName);
  if (driver === undefined) return done;
  const held = heldVolumes(parts, driverName);
  let everyMs = RETRY_MS;
  try {
    const call = { timeoutMs: parts.timeoutMs, signal: ctx.signal };
    const question = await parts.questions.of(driver, call);
    if (question === undefined) return done;
    ({ everyMs } = question);
    const unwell = new Set(held.filter(({ claim }) => isUnwell(claim.status?.healthStatus)).map(({ volumeId }) => volumeId));
    const health = await question.ask(driver, { all: held.map(({ volumeId }) => volumeId), unwell }, call);
    for (const one of held) await tell(ctx, one, health);
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    // why no more: what was said before stands until the driver says something else, and it is asked again
    ctx.log.debug('a driver does not say how its volumes are', { driver: driverName, err: PlatformError.from(thrown) });
  }
  return after(everyMs, 'looking again from time to time');
}

function heldVolumes({ volumes, claims }: Parts, driverName: string): readonly Held[] {
  return volumes.byIndex('driver', driverName).flatMap((volume) => {
    const { claimRef, csi } = volume.spec;
    const claim = claims.get({ namespace: claimRef?.namespace ?? '', name: claimRef?.name ?? '' });
    return claim !== undefined && isVolumeOfClaim(volume, claim) ? [{ claim, volumeId: csi?.volumeHandle ?? '' }] : [];
  });
}

async function tell(ctx: Ctx, { claim, volumeId }: Held, health: HealthOfVolumes): Promise<void> {
  const conditions: readonly HealthCondition[] | undefined = health.get(volumeId);
  if (conditions === undefined) return;
  if (conditions.length > 0) ctx.events.record(volumeAbnormal(claim, conditions));
  const change = healthChange(claim.status?.healthStatus, conditions, ctx.clock.nowMs());
  if (change === undefined) return;
  const body = { metadata: { uid: claim.metadata.uid }, status: { healthStatus: change.next ?? null } };
  try {
    await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } }, { subresource: 'status' });
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound', 'Aborted')) return;
    throw thrown;
  }
  if (change.next === undefined) ctx.events.record(volumeWell(claim));
}
