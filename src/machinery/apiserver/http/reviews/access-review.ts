import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReview,
} from '#api/generated/kubernetes.ts';
import type { SelfSubjectAccessReview, SelfSubjectRulesReview } from '#api/generated/kubernetes.ts';
import { invalid as invalidField } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import type { Attributes, Authorizer } from '../../contract/authorizer.ts';
import type { UserInfo } from '../../contract/user.ts';
import { badRequest, invalid } from '../../contract/status-error.ts';
import type { HandlerContext } from '../handler-context.ts';
import type { Exchange } from '../messages.ts';
import { type Answer, jsonAnswer } from '../respond.ts';
import { readReview, type Sent } from './read-review.ts';
import { REVIEWS } from './review-kinds.ts';

const API_VERSION = 'authorization.k8s.io/v1';

interface Asked {
  readonly resourceAttributes?: ResourceAttributes | undefined;
  readonly nonResourceAttributes?: NonResourceAttributes | undefined;
}

/** `kubectl auth can-i`: may the asker do this? @throws ApiError */
export async function reviewOwnAccess({ server }: HandlerContext, exchange: Exchange): Promise<Answer> {
  const { spec = {} } = await readReview<SelfSubjectAccessReview>(exchange, REVIEWS.selfAccess.schema);
  refuse('SelfSubjectAccessReview', attributeFaults(spec));
  return answer('SelfSubjectAccessReview', { spec, status: decide(server.authorizer, exchange.user, spec) });
}

/** May somebody do this? @throws ApiError */
export async function reviewAccess({ server }: HandlerContext, exchange: Exchange): Promise<Answer> {
  const { spec = {} } = await readReview<SubjectAccessReview>(exchange, REVIEWS.access.schema);
  refuse('SubjectAccessReview', [...attributeFaults(spec), ...subjectFaults(spec)]);
  return answer('SubjectAccessReview', { spec, status: decide(server.authorizer, subjectOf(spec), spec) });
}

/** May somebody do this in the namespace of the request? @throws ApiError */
export async function reviewLocalAccess({ server }: HandlerContext, exchange: Exchange, namespace: string): Promise<Answer> {
  const review = await readReview<LocalSubjectAccessReview>(exchange, REVIEWS.localAccess.schema);
  const { spec = {} } = review;
  const faults = [...attributeFaults(spec), ...subjectFaults(spec)];
  if (spec.nonResourceAttributes !== undefined) {
    faults.push(invalidField('spec.nonResourceAttributes', spec.nonResourceAttributes, 'disallowed on this kind of request'));
  } else if ((spec.resourceAttributes?.namespace ?? '') !== namespace) {
    faults.push(invalidField('spec.resourceAttributes.namespace', spec.resourceAttributes?.namespace, 'must match metadata.namespace'));
  }
  refuse('LocalSubjectAccessReview', faults);
  return answer('LocalSubjectAccessReview', { metadata: { namespace }, spec, status: decide(server.authorizer, subjectOf(spec), spec) });
}

/** `kubectl auth can-i --list`: everything that the asker may do in a namespace. @throws ApiError */
export async function reviewOwnRules({ server }: HandlerContext, exchange: Exchange): Promise<Answer> {
  const { spec = {} } = await readReview<SelfSubjectRulesReview>(exchange, REVIEWS.selfRules.schema);
  const { namespace = '' } = spec;
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = server.authorizer.rulesFor?.(exchange.user, namespace);
  const resourceRules = (rules ?? []).filter(({ nonResourceURLs }) => nonResourceURLs === undefined || nonResourceURLs.length === 0);
  const nonResourceRules = (rules ?? []).filter((rule) => !resourceRules.includes(rule));
  const status = { incomplete: rules === undefined, resourceRules, nonResourceRules };
  return answer('SelfSubjectRulesReview', { spec, status });
}

/** Texts of pkg/apis/authorization/validation. */
function attributeFaults({ resourceAttributes, nonResourceAttributes }: Asked): FieldError[] {
  const both = 'cannot be specified in combination with';
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    return [
      invalidField('spec.nonResourceAttributes', nonResourceAttributes, `${both} resourceAttributes`),
      invalidField('spec.resourceAttributes', resourceAttributes, `${both} nonResourceAttributes`),
    ];
  }
  if (resourceAttributes !== undefined || nonResourceAttributes !== undefined) return [];
  return [invalidField('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')];
}

function subjectFaults({ user = '', groups = [] }: Sent<SubjectAccessReview['spec']>): FieldError[] {
  return user === '' && groups.length === 0 ? [invalidField('spec.user', user, 'at least one of user or group must be specified')] : [];
}

function refuse(kind: string, faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalid({ group: 'authorization.k8s.io', kind }, '', faults);
}

function subjectOf({ user = '', groups = [], uid, extra }: Sent<SubjectAccessReview['spec']>): UserInfo {
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

function decide(authorizer: Authorizer, user: UserInfo, asked: Asked): object {
  const { verdict, reason } = authorizer.authorize(attributesOf(user, asked));
  return { allowed: verdict === 'allow', ...(verdict === 'deny' ? { denied: true } : {}), ...(reason === undefined ? {} : { reason }) };
}

function attributesOf(user: UserInfo, { resourceAttributes = {}, nonResourceAttributes }: Asked): Attributes {
  if (nonResourceAttributes !== undefined) {
    return { type: 'path', user, verb: nonResourceAttributes.verb ?? '', path: nonResourceAttributes.path ?? '' };
  }
  const { group = '', version = '', resource = '', subresource = '', namespace = '', name = '', verb = '' } = resourceAttributes;
  return { type: 'resource', user, verb, resource: { group, version, plural: resource }, subresource, namespace, name };
}

function answer(kind: string, rest: object): Answer {
  return jsonAnswer(201, { kind, apiVersion: API_VERSION, metadata: {}, ...rest });
}
