import type { PolicyRule } from '#api/generated/kubernetes.ts';
import { forbidden, forbiddenPath } from '../contract/status-error.ts';
import type { Attributes, Authorizer, Verdict } from '../contract/authorizer.ts';
import { MASTERS } from '../contract/user.ts';

/** Members of `system:masters` may do everything. */
export const mastersAuthorizer: Authorizer = {
  name: 'system:masters',
  authorize: ({ user }) => (user.groups.includes(MASTERS) ? { verdict: 'allow' } : { verdict: 'no-opinion' }),
  rulesFor: ({ groups }) => (groups.includes(MASTERS) ? EVERYTHING : []),
};

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Asks `authorizers` in order; the first with an opinion decides, and silence refuses. */
export function chainAuthorizers(authorizers: readonly Authorizer[]): Authorizer {
  return {
    name: 'chain',
    authorize: (attributes) => {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const verdict = authorizer.authorize(attributes);
        if (verdict.verdict !== 'no-opinion') return verdict;
        if (verdict.reason !== undefined) reasons.push(verdict.reason);
      }
      return { verdict: 'no-opinion', ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }) };
    },
    ...(authorizers.some((authorizer) => !('rulesFor' in authorizer))
      ? {}
      : { rulesFor: (user, namespace) => authorizers.flatMap((authorizer) => authorizer.rulesFor?.(user, namespace) ?? []) }),
  };
}

/** Answers the verdict. @throws ApiError `PermissionDenied` in upstream's words unless `authorizer` allows */
export function requireAllowed(authorizer: Authorizer, attributes: Attributes): Verdict {
  const decided = authorizer.authorize(attributes);
  const { verdict, reason } = decided;
  if (verdict === 'allow') return decided;
  const because = reason === undefined ? '' : `: ${reason}`;
  const subject = `User ${JSON.stringify(attributes.user.name)} cannot ${attributes.verb}`;
  if (attributes.type === 'path') throw forbiddenPath(`${subject} path ${JSON.stringify(attributes.path)}${because}`);
  const { resource, subresource, namespace, name } = attributes;
  const what = JSON.stringify(subresource === '' ? resource.plural : `${resource.plural}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  throw forbidden(resource, name, `${subject} resource ${what} in API group ${JSON.stringify(resource.group)} ${where}${because}`);
}
