import type { ControllerRevision, LabelSelector, PodTemplateSpec } from '#api/generated/kubernetes.ts';
import { type Draft, keyOf } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { controllerRevisions, daemonSets } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { canonicalJson, parseExactJson, wholeNumber } from '#kit/exact-json.ts';
import { deepEqual, isRecord, trusted } from '#kit/json.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { controllerOf, controllerRef, OwnedObjects, type Selecting } from './owners.ts';
import { hashOf } from './template-hash.ts';

/** The label of a revision with the hash of its content (history/controller_history.go). */
const HASH = 'controller.kubernetes.io/hash';
/** The label of pods that says of which revision they are. */
export const REVISION_HASH = 'controller-revision-hash';

/** A workload whose templates are remembered. */
export interface Templated extends Selecting {
  readonly spec: {
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly revisionHistoryLimit?: number | undefined;
  };
  readonly status?: { readonly collisionCount?: number | undefined } | undefined;
}

/** Every remembered template of a workload, the oldest first, and the one of now. */
export interface History {
  readonly all: readonly ControllerRevision[];
  readonly update: ControllerRevision;
  readonly collisionCount: number | undefined;
}

/** What has to be done so that the newest revision is the template of now. */
export type RevisionPlan =
  | { readonly kind: 'keep'; readonly revision: ControllerRevision }
  /** The template is one of before: it becomes the newest. */
  | { readonly kind: 'renew'; readonly revision: ControllerRevision; readonly number: number }
  | { readonly kind: 'create'; readonly draft: Draft<ControllerRevision> };

/** Compares the template of `owner` with those of `all` (history/controller_history.go). Pure. */
export function planRevision(owner: Templated, all: readonly ControllerRevision[], collisions = 0): RevisionPlan {
  const sorted = all.toSorted(compareRevisions);
  const data = dataOf(owner.spec.template);
  const newest = sorted.at(-1);
  const equal = sorted.findLast((revision) => deepEqual(revision.data, data));
  if (equal !== undefined && equal === newest) return { kind: 'keep', revision: equal };
  // why trusted: beyond 2^53 it is a bigint, which is written with the same digits
  const number = trusted<number>(wholeNumber(String(BigInt(newest?.revision ?? 0) + 1n)));
  return equal === undefined
    ? { kind: 'create', draft: revisionDraft(owner, { data, number, hash: hashOf(data, collisions) }) }
    : { kind: 'renew', revision: equal, number };
}

/** The oldest of `all` beyond the limit of the history, without those in use. Pure. */
export function planTruncation(
  owner: Templated,
  all: readonly ControllerRevision[],
  used: ReadonlySet<string>,
): readonly ControllerRevision[] {
  const unused = all.filter(({ metadata }) => !used.has(metadata.name)).toSorted(compareRevisions);
  const surplus = unused.length - (owner.spec.revisionHistoryLimit ?? Number.POSITIVE_INFINITY);
  return surplus <= 0 ? [] : unused.slice(0, surplus);
}

/** The template that `revision` remembers. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const spec = revision.data?.['spec'];
  const template = isRecord(spec) && isRecord(spec['template']) ? spec['template'] : {};
  const { $patch: _patch, ...rest } = template;
  // why trusted: this controller wrote it, and the API lets nobody change it
  return trusted<PodTemplateSpec>(rest);
}

/** The hash in the labels of `revision`. */
export function hashOfRevision({ metadata }: ControllerRevision): string {
  return metadata.labels?.[HASH] ?? '';
}

/** The templates of the workloads of one kind, remembered as ControllerRevisions, so that `kubectl rollout history` and `undo` find them. */
export class RevisionHistory<O extends Templated> {
  readonly #revisionsOf: OwnedObjects<ControllerRevision>;
  readonly #resource: Resource<O>;

  /** `informer` must have the indexes of what is owned. */
  constructor(informer: Informer<ControllerRevision>, resource: Resource<O>) {
    this.#revisionsOf = new OwnedObjects(informer);
    this.#resource = resource;
  }

  /** Remembers the template of `owner`, and answers all that are remembered. */
  async record(ctx: Ctx, owner: O): Promise<History> {
    const all = await this.#revisionsOf.claim(ctx, this.#resource, owner);
    for (let collisions = owner.status?.collisionCount ?? 0; ; collisions += 1) {
      const update = await apply(ctx, owner, planRevision(owner, all, collisions));
      if (update === undefined) continue;
      const others = all.filter(({ metadata }) => metadata.name !== update.metadata.name);
      const collisionCount = collisions === 0 ? owner.status?.collisionCount : collisions;
      return { all: [...others, update].toSorted(compareRevisions), update, collisionCount };
    }
  }

  /** Forgets what is too old. */
  async truncate(ctx: Ctx, owner: O, { all, used }: { readonly all: History['all']; readonly used: ReadonlySet<string> }): Promise<void> {
    for (const revision of planTruncation(owner, all, used)) {
      try {
        await ctx.client.delete(controllerRevisions, keyOf(revision), { uid: revision.metadata.uid });
      } catch (thrown) {
        if (!hasCode(thrown, 'NotFound', 'Aborted')) throw thrown;
      }
    }
  }
}

/** Undefined where the name is taken by another content. */
async function apply(ctx: Ctx, owner: Templated, plan: RevisionPlan): Promise<ControllerRevision | undefined> {
  if (plan.kind === 'keep') return plan.revision;
  if (plan.kind === 'renew') {
    const { resourceVersion } = plan.revision.metadata;
    const body = { metadata: { resourceVersion }, revision: plan.number };
    return ctx.client.patch(controllerRevisions, { key: keyOf(plan.revision), patch: { type: 'merge', body } });
  }
  try {
    return await ctx.client.create(controllerRevisions, plan.draft);
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
    const key = { namespace: owner.metadata.namespace ?? '', name: plan.draft.metadata.name ?? '' };
    const there = await ctx.client.get(controllerRevisions, key);
    const isOurs = controllerOf(there.metadata)?.uid === owner.metadata.uid;
    return isOurs && deepEqual(there.data, plan.draft.data) ? there : undefined;
  }
}

/**
 * A patch that puts the template back as it was: what `kubectl rollout undo` applies.
 * Its keys stand in their order, for kubectl finds the revision of the present template by comparing bytes.
 */
function dataOf(template: PodTemplateSpec): Readonly<Record<string, unknown>> {
  return trusted<Record<string, unknown>>(parseExactJson(canonicalJson({ spec: { template: { ...template, $patch: 'replace' } } })));
}

/** Longest part of a revision's name before its hash, in characters (history/controller_history.go). */
const MAX_PREFIX = 223;

function revisionDraft(
  owner: Templated,
  { data, number, hash }: { readonly data: Readonly<Record<string, unknown>>; readonly number: number; readonly hash: string },
): Draft<ControllerRevision> {
  const { metadata, spec } = owner;
  return {
    metadata: {
      name: `${metadata.name.slice(0, MAX_PREFIX)}-${hash}`,
      namespace: metadata.namespace,
      labels: {
        ...spec.template.metadata?.labels,
        [HASH]: hash,
        // why only theirs: upstream's daemon set controller finds its revisions by the label that its pods have
        ...(owner.kind === daemonSets.kind ? { [REVISION_HASH]: hash } : {}),
      },
      annotations: metadata.annotations ?? {},
      ownerReferences: [controllerRef(owner)],
    },
    data,
    revision: number,
  };
}

function compareRevisions(a: ControllerRevision, b: ControllerRevision): number {
  if (a.revision !== b.revision) return a.revision < b.revision ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
