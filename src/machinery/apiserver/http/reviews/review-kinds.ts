import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import type { GroupVersion, ReviewKind } from '../../contract/registry.ts';

const AUTHENTICATION = 'authentication.k8s.io';
const AUTHORIZATION = 'authorization.k8s.io';

function review(group: typeof AUTHENTICATION | typeof AUTHORIZATION, kind: string, isNamespaced = false): ReviewKind {
  const singular = kind.toLowerCase();
  const resource: Resource = {
    group,
    version: 'v1',
    kind,
    listKind: `${kind}List`,
    plural: `${singular}s`,
    singular,
    shortNames: [],
    categories: [],
    isNamespaced,
  };
  return { resource, schema: `io.k8s.api.${group.split('.')[0] ?? ''}.v1.${kind}` };
}

/** Questions that are answered and never stored. */
export const REVIEWS = {
  self: review(AUTHENTICATION, 'SelfSubjectReview'),
  token: review(AUTHENTICATION, 'TokenReview'),
  localAccess: review(AUTHORIZATION, 'LocalSubjectAccessReview', true),
  selfAccess: review(AUTHORIZATION, 'SelfSubjectAccessReview'),
  selfRules: review(AUTHORIZATION, 'SelfSubjectRulesReview'),
  access: review(AUTHORIZATION, 'SubjectAccessReview'),
} as const;

const GROUP_VERSIONS: readonly GroupVersion[] = [...Map.groupBy(Object.values(REVIEWS), ({ resource }) => apiVersionOf(resource))].flatMap(
  ([apiVersion, reviews]) => {
    const [first] = reviews;
    return first === undefined ? [] : [{ group: first.resource.group, version: first.resource.version, apiVersion, kinds: [], reviews }];
  },
);

/** What discovery and OpenAPI list: the kinds that are stored, then the reviews. */
export function withReviews(stored: readonly GroupVersion[]): readonly GroupVersion[] {
  return [...stored, ...GROUP_VERSIONS];
}
