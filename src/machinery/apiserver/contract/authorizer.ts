import type { PolicyRule } from '#api/generated/kubernetes.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { UserInfo } from './user.ts';

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
