import { withCondition } from '#api/conditions.ts';
import type { NamespaceCondition } from '#api/generated/kubernetes.ts';
import { type Content, describeFinalizers, describeRemaining } from './plan.ts';

/** What stands in the way of a namespace's end. */
export interface Remains {
  readonly contents: readonly Content[];
  /** The message of the first deletion that failed in this round. */
  readonly failure: string | undefined;
  /** RFC 3339. */
  readonly now: string;
}

/** The conditions that `kubectl describe namespace` shows; types, reasons and words are upstream's (kubernetes pkg/controller/namespace/deletion/status_condition_utils.go). */
export function conditionsOf(previous: readonly NamespaceCondition[] | undefined, remains: Remains): readonly NamespaceCondition[] {
  const { contents, failure, now } = remains;
  const finalizers = describeFinalizers(contents);
  const states: readonly NamespaceCondition[] = [
    failure === undefined
      ? fine('NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization')
      : trouble(
          'NamespaceDeletionContentFailure',
          'ContentDeletionFailed',
          `Failed to delete all resource types, the first error: ${failure}`,
        ),
    contents.length === 0
      ? fine('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : trouble('NamespaceContentRemaining', 'SomeResourcesRemain', `Some resources are remaining: ${describeRemaining(contents)}`),
    finalizers === ''
      ? fine('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : trouble(
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers}`,
        ),
  ];
  return states.reduce((conditions, state) => withCondition(conditions, { ...state, lastTransitionTime: now }), previous ?? []);
}

function fine(type: string, reason: string, message: string): NamespaceCondition {
  return { type, status: 'False', reason, message };
}

function trouble(type: string, reason: string, message: string): NamespaceCondition {
  return { type, status: 'True', reason, message };
}
