import type { PolicyRule } from '#api/generated/kubernetes.ts';
import type { Resource } from '#api/meta/resource.ts';
import { forbidden, forbiddenPath } from '../status-error.ts';
import { MASTERS, type UserInfo } from './user.ts';

/** What somebody wants to do. */
export type Attributes =
  | {
      readonly type: 'resource';
      readonly user: UserInfo;
      /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`. */
      readonly verb: string;
      readonly resource: Pick<Resource, 'group' | 'version' | 'plural'>;
      /** `''` = the object itself. */
      readonly subresource: string;
      /** `''` = cluster-scoped, or all namespaces. */
      readonly namespace: string;
      /** `''` = the collection. */
      readonly name: string;
      /** Of a list or watch, in text form. */
      readonly fieldSelector?: string | undefined;
    }
  | { readonly type: 'path'; readonly user: UserInfo; readonly verb: string; readonly path: string };

/** What an authorizer thinks: the next one is asked where it has no opinion. */
export interface Verdict {
  readonly verdict: 'allow' | 'deny' | 'no-opinion';
  /** Why, for the refusal's text. */
  readonly reason?: string;
}

/** Decides who may do what. */
export interface Authorizer {
  readonly name: string;
  authorize(attributes: Attributes): Verdict;
  /** Everything that `user` may do in `namespace` (`''` = in the whole cluster); absent where that can't be listed. */
  rulesFor?(user: UserInfo, namespace: string): readonly PolicyRule[];
}

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
