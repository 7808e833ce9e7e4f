import type { PersistentVolumeClaim, StatefulSet } from '#api/generated/kubernetes.ts';
import { type Draft, keyOf, type ObjectKey } from '#api/meta/object.ts';
import { attributesClassOf, isBindCompleted, requestedBytesOf } from '#api/storage/claim.ts';
import { grantedBytesOf, growthErrorOf } from '#api/storage/growth.ts';
import { currentAttributesClassOf, modificationConditionOf } from '#api/storage/modification.ts';
import { bytesOf } from '#kit/quantity.ts';
import { hashOf } from '../template-hash.ts';
import { REVISION_HASH } from '../revision-history.ts';
import { claimDrafts, podName } from './identity.ts';
import { rangeOf } from './plan.ts';

/** The claim whose turn it is, and of which pod it is. */
interface ClaimTurn {
  readonly claim: PersistentVolumeClaim;
  readonly pod: string;
}

/** What comes next for one claim. */
export type ClaimStep =
  | (ClaimTurn & { readonly kind: 'update'; readonly body: object })
  /** It was asked to change, and has not yet; `problem` is what its driver or node says. */
  | (ClaimTurn & { readonly kind: 'wait'; readonly problem: string | undefined });

/** How far the claims of a set are behind their templates. */
export interface ClaimUpdatePlan {
  /** Absent where all are as they should be. */
  readonly next?: ClaimStep;
  readonly updated: number;
  /** Claims that are bound; the others get their turn when they are. */
  readonly total: number;
}

/** True where the claims of `set` follow their templates (KEP-4650). */
export function updatesClaims(set: StatefulSet): boolean {
  return set.spec.volumeClaimUpdatePolicy === 'InPlace' && set.metadata.deletionTimestamp === undefined;
}

/**
 * Which claim of `set` is changed next, or waited for: in the order of the numbers, one after the other, so that one that fails leaves those
 * behind it as they are. Pure.
 *
 * A claim is asked once per template, and remembers of which it was (KEP-4650's label): who then lowers its request, to recover from a growth
 * that failed, or takes a label away, is not overruled.
 */
export function planClaimUpdates(set: StatefulSet, find: (key: ObjectKey) => PersistentVolumeClaim | undefined): ClaimUpdatePlan {
  const steps: ClaimStep[] = [];
  let total = 0;
  const { start, end } = rangeOf(set);
  const revision = hashOf(set.spec.volumeClaimTemplates ?? []);
  for (let ordinal = start; ordinal < end; ordinal += 1) {
    for (const draft of claimDrafts(set, ordinal)) {
      const claim = find({ namespace: draft.metadata.namespace ?? '', name: draft.metadata.name ?? '' });
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined || !isBound(claim)) continue;
      total += 1;
      const step = stepOf(claim, draft, revision);
      if (step !== undefined) steps.push({ ...step, claim, pod: podName(set, ordinal) });
    }
  }
  const [next] = steps;
  return { ...(next === undefined ? {} : { next }), updated: total - steps.length, total };
}

function isBound(claim: PersistentVolumeClaim): boolean {
  return isBindCompleted(claim) && claim.status?.phase === 'Bound';
}

type Step = { readonly kind: 'update'; readonly body: object } | { readonly kind: 'wait'; readonly problem: string | undefined };

function stepOf(claim: PersistentVolumeClaim, draft: Draft<PersistentVolumeClaim>, revision: string): Step | undefined {
  const isAsked = claim.metadata.labels?.[REVISION_HASH] === revision;
  const changes = isAsked ? undefined : changesOf(claim, draft);
  if (changes !== undefined) {
    const { metadata, spec } = changes;
    const { resourceVersion } = claim.metadata;
    return {
      kind: 'update',
      body: { metadata: { ...metadata, resourceVersion, labels: { ...metadata.labels, [REVISION_HASH]: revision } }, spec },
    };
  }
  return isSettled(claim, draft) ? undefined : { kind: 'wait', problem: problemOf(claim) };
}

interface Changes {
  readonly metadata: { readonly labels: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: object;
}

/** What the claim lacks of its template; undefined where it lacks nothing. It may have more: a larger size, other labels. */
function changesOf(claim: PersistentVolumeClaim, draft: Draft<PersistentVolumeClaim>): Changes | undefined {
  const labels = missingOf(claim.metadata.labels, draft.metadata.labels);
  const annotations = missingOf(claim.metadata.annotations, draft.metadata.annotations);
  const storage = draft.spec.resources?.requests?.['storage'];
  const isLarger = templateBytes(draft) > requestedBytesOf(claim);
  const attributesClass = attributesClassOf(draft.spec);
  const isOther = attributesClass !== '' && attributesClass !== attributesClassOf(claim.spec);
  if (Object.keys(labels).length + Object.keys(annotations).length === 0 && !isLarger && !isOther) return undefined;
  const spec = {
    ...(isLarger ? { resources: { requests: { storage } } } : {}),
    ...(isOther ? { volumeAttributesClassName: attributesClass } : {}),
  };
  return { metadata: { labels, annotations }, spec };
}

function missingOf(
  there: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(wanted ?? {}).filter(([key, value]) => there?.[key] !== value));
}

function templateBytes(draft: Draft<PersistentVolumeClaim>): bigint {
  return bytesOf(draft.spec.resources?.requests?.['storage'] ?? '0');
}

/** KEP-4650: it has as much as the template or its own request asks for, whichever is less, and the attributes that it asks for. */
function isSettled(claim: PersistentVolumeClaim, draft: Draft<PersistentVolumeClaim>): boolean {
  const [template, request] = [templateBytes(draft), requestedBytesOf(claim)];
  const attributesClass = attributesClassOf(claim.spec);
  const hasAttributes = attributesClass === '' || attributesClass === currentAttributesClassOf(claim);
  return hasAttributes && grantedBytesOf(claim) >= (template < request ? template : request);
}

function problemOf(claim: PersistentVolumeClaim): string | undefined {
  const error = growthErrorOf(claim) ?? modificationConditionOf(claim, 'ModifyVolumeError');
  return error === undefined ? undefined : (error.message ?? error.type);
}

/** Where a claim would be told to the sets whose templates it is of: `namespace/template-set`, without the number. */
export function claimFamilyOf({ metadata }: PersistentVolumeClaim): string {
  return `${metadata.namespace ?? ''}/${metadata.name.replace(/-[0-9]+$/, '')}`;
}

/** The families ({@link claimFamilyOf}) of claims that `set` changes. */
export function claimFamiliesOf(set: StatefulSet): readonly string[] {
  if (!updatesClaims(set)) return [];
  const { namespace } = keyOf(set);
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => `${namespace}/${metadata.name}-${set.metadata.name}`);
}
