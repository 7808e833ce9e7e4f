import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumes } from '#api/resources.ts';
import { attributesClassOf } from '#api/storage/claim.ts';
import { modificationConditionOf } from '#api/storage/modification.ts';
import type { ErrorCode } from '#kit/error-codes.ts';
import { after, type Ctx, done } from '#machinery/runtime/controller.ts';
import { askController, DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import type { Failure } from '../driver-work/failure.ts';
import { MENDING_POLL_MS, tryAgain } from '../driver-work/ladder.ts';
import type { DriverSteps, End, Prepared } from '../driver-work/steps.ts';
import * as say from './events.ts';
import { failedReport, reportModification, startedReport } from './modification-report.ts';
import { type ModificationOrder, type ModificationWork, modifyVolume, requestModification } from './modify-volume.ts';

/** The code that says that the driver will never make such a volume (external-resizer pkg/modifycontroller). */
const INFEASIBLE: ReadonlySet<ErrorCode> = new Set(['InvalidArgument']);

/** How a volume gets the attributes of a class. */
export function modificationSteps(): DriverSteps<ModificationWork> {
  return {
    operation: 'modify_volume',
    infeasible: INFEASIBLE,
    capabilities: new DriverCapabilities(askController),
    away: (ctx, { claim, driverName }, connected) => {
      ctx.events.record(say.driverMissing(claim, driverName, connected));
      return after(MENDING_POLL_MS, 'waiting for the driver');
    },
    prepare,
    request: requestModification,
    send: modifyVolume,
    finish,
    fail,
  };
}

async function prepare(ctx: Ctx, order: ModificationOrder): Promise<Prepared<ModificationOrder>> {
  const { name } = order.attributesClass.metadata;
  const isTold = !order.isNew && isToldUnderWay(order.claim);
  const claim = isTold ? order.claim : await reportModification(ctx, order.claim, startedReport(order.claim, name));
  ctx.events.record(say.modifying(claim, order.volume, name));
  return { kind: 'ready', order: { ...order, claim } };
}

async function finish(ctx: Ctx, { claim, volume, attributesClass }: ModificationOrder): Promise<End> {
  const { name } = attributesClass.metadata;
  if (attributesClassOf(volume.spec) !== name) {
    const body = { spec: { volumeAttributesClassName: name } };
    await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
  }
  await reportModification(ctx, claim, { progress: undefined, current: name, conditions: [] });
  ctx.events.record(say.modified(claim, volume, name));
  return done;
}

async function fail(ctx: Ctx, { claim, attributesClass }: ModificationOrder, failure: Failure): Promise<End> {
  ctx.events.record(say.modifyFailed(claim, failure.problem));
  await reportModification(ctx, claim, failedReport(attributesClass.metadata.name, failure));
  return tryAgain;
}

function isToldUnderWay(claim: PersistentVolumeClaim): boolean {
  return claim.status?.modifyVolumeStatus?.status === 'InProgress' && modificationConditionOf(claim, 'ModifyingVolume') !== undefined;
}
