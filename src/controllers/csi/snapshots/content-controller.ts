import {
  type VolumeSnapshotClass,
  volumeSnapshotClasses,
  type VolumeSnapshotContent,
  volumeSnapshotContents,
} from '#api/generated/definitions.ts';
import { assertNever } from '#kit/assert-never.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { DriverLadder, untilGone } from '../driver-work/ladder.ts';
import { type ContentPlan, planContent } from './content-plan.ts';
import { contentNotes, type ContentSteps, contentSteps } from './content-steps.ts';
import { creationFailed } from './events.ts';
import { CONTENT_INDEXES } from './indexes.ts';

/** Snapshots that one driver takes at a time (external-snapshotter's `--worker-threads` is 10: a group of drivers shares none here). */
const CONCURRENCY = 100;
/** external-snapshotter's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 60_000;

interface ContentParts {
  readonly classes: Informer<VolumeSnapshotClass>;
  readonly ladder: DriverLadder;
  readonly steps: ContentSteps;
}

/** Takes, finds and deletes snapshots at their drivers: what external-snapshotter does beside each. */
export function createSnapshotContentController(deps: DriverControllerDeps): Controller<VolumeSnapshotContent> {
  const { informers, drivers, clock, operations, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const contents = informers.for(volumeSnapshotContents, CONTENT_INDEXES);
  const classes = informers.for(volumeSnapshotClasses);
  const parts: ContentParts = { classes, ladder: new DriverLadder({ drivers, clock, timeoutMs, operations }), steps: contentSteps() };
  contents.subscribe({ onDelete: ({ metadata }) => parts.ladder.forget(metadata.name) });
  return {
    name: 'snapshot-content',
    resource: volumeSnapshotContents,
    informer: contents,
    triggers: [trigger(classes, ({ metadata }) => contents.byIndex('openOfClass', metadata.name).map((content) => content.metadata.name))],
    wakeUps: parts.ladder.wakeUps({
      driverOf: (name) => contents.get({ namespace: '', name })?.spec.driver,
      waitingFor: (driverName) => contents.byIndex('openOfDriver', driverName).map(({ metadata }) => metadata.name),
    }),
    concurrency: CONCURRENCY,
    laneOf: ({ spec }) => spec.driver,
    reconcile: (ctx, content) => untilGone(() => applyPlan(ctx, parts, { content, plan: planContent(content) })),
  };
}

async function applyPlan(
  ctx: Ctx,
  { classes, ladder, steps }: ContentParts,
  { content, plan }: { readonly content: VolumeSnapshotContent; readonly plan: ContentPlan },
): Promise<Outcome> {
  const { name, uid } = content.metadata;
  const className = content.spec.volumeSnapshotClassName;
  const snapshotClass = className === undefined ? undefined : classes.get({ namespace: '', name: className });
  const order = { driverName: content.spec.driver, content, snapshotClass };
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'protect':
      await contentNotes.protect(ctx, content);
      return done;
    case 'settle':
      await contentNotes.settle(ctx, content);
      return done;
    case 'letGo':
      await contentNotes.letGo(ctx, content);
      return done;
    case 'refuse':
      await contentNotes.refuse(ctx, content, creationFailed(content, plan.problem));
      return done;
    case 'create': {
      const wish = snapshotClass?.metadata.uid ?? '';
      return ladder.climb(ctx, steps.create, { ...order, volumeId: plan.volumeId, attempt: { key: name, uid, wish } });
    }
    case 'check':
      return ladder.climb(ctx, steps.check, { ...order, snapshotId: plan.snapshotId, attempt: { key: name, uid, wish: plan.snapshotId } });
    case 'delete': {
      const attempt = { key: name, uid, wish: 'delete', purpose: 'cleanUp' } as const;
      return ladder.climb(ctx, steps.delete, { ...order, snapshotId: plan.snapshotId, attempt });
    }
    default:
      return assertNever(plan);
  }
}
