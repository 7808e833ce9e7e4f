import {
  type VolumeGroupSnapshotClass,
  volumeGroupSnapshotClasses,
  type VolumeGroupSnapshotContent,
  volumeGroupSnapshotContents,
} from '#api/generated/definitions.ts';
import { assertNever } from '#kit/assert-never.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import type { DriverControllerDeps } from '../../driver-work/drivers.ts';
import { DriverLadder, untilGone } from '../../driver-work/ladder.ts';
import { creationFailed } from './events.ts';
import { type GroupContentPlan, planGroupContent } from './group-content-plan.ts';
import { groupContentNotes, type GroupContentSteps, groupContentSteps } from './group-content-steps.ts';
import { GROUP_CONTENT_INDEXES } from './indexes.ts';

/** Groups that are taken at a time; their volumes stand still meanwhile. */
const CONCURRENCY = 20;
/** external-snapshotter's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 60_000;

interface GroupContentParts {
  readonly classes: Informer<VolumeGroupSnapshotClass>;
  readonly ladder: DriverLadder;
  readonly steps: GroupContentSteps;
}

/** Takes, finds and deletes groups of snapshots at their drivers: what external-snapshotter does beside each. */
export function createGroupContentController(deps: DriverControllerDeps): Controller<VolumeGroupSnapshotContent> {
  const { informers, drivers, clock, operations, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const contents = informers.for(volumeGroupSnapshotContents, GROUP_CONTENT_INDEXES);
  const classes = informers.for(volumeGroupSnapshotClasses);
  const ladder = new DriverLadder({ drivers, clock, timeoutMs, operations });
  const parts: GroupContentParts = { classes, ladder, steps: groupContentSteps() };
  contents.subscribe({ onDelete: ({ metadata }) => ladder.forget(metadata.name) });
  return {
    name: 'group-snapshot-content',
    resource: volumeGroupSnapshotContents,
    informer: contents,
    triggers: [trigger(classes, ({ metadata }) => contents.byIndex('openOfClass', metadata.name).map((content) => content.metadata.name))],
    wakeUps: ladder.wakeUps({
      driverOf: (name) => contents.get({ namespace: '', name })?.spec.driver,
      waitingFor: (driverName) => contents.byIndex('openOfDriver', driverName).map(({ metadata }) => metadata.name),
    }),
    concurrency: CONCURRENCY,
    laneOf: ({ spec }) => spec.driver,
    reconcile: (ctx, content) => untilGone(() => applyPlan(ctx, parts, { content, plan: planGroupContent(content) })),
  };
}

async function applyPlan(
  ctx: Ctx,
  { classes, ladder, steps }: GroupContentParts,
  { content, plan }: { readonly content: VolumeGroupSnapshotContent; readonly plan: GroupContentPlan },
): Promise<Outcome> {
  const { name, uid } = content.metadata;
  const className = content.spec.volumeGroupSnapshotClassName;
  const groupClass = className === undefined ? undefined : classes.get({ namespace: '', name: className });
  const order = { driverName: content.spec.driver, content, groupClass };
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'protect':
      await groupContentNotes.protect(ctx, content);
      return done;
    case 'settle':
      await groupContentNotes.settle(ctx, content);
      return done;
    case 'letGo':
      await groupContentNotes.letGo(ctx, content);
      return done;
    case 'refuse':
      await groupContentNotes.refuse(ctx, content, creationFailed(content, plan.problem));
      return done;
    case 'create': {
      const wish = groupClass?.metadata.uid ?? '';
      return ladder.climb(ctx, steps.create, { ...order, volumeIds: plan.volumeIds, attempt: { key: name, uid, wish } });
    }
    case 'check':
      return ladder.climb(ctx, steps.check, { ...order, handles: plan.handles, attempt: { key: name, uid, wish: plan.handles.groupId } });
    case 'delete': {
      const attempt = { key: name, uid, wish: 'delete', purpose: 'cleanUp' } as const;
      return ladder.climb(ctx, steps.delete, { ...order, handles: plan.handles, attempt });
    }
    default:
      return assertNever(plan);
  }
}
