import { formatTime } from '#kit/clock.ts';
import { isRecord } from '#kit/json.ts';
import type { Attributes } from '../access/authorization.ts';
import { badRequest, methodNotAllowed } from '../status-error.ts';
import type { HandlerContext } from './handler-context.ts';
import type { Exchange } from './messages.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import type { ResourcePath } from './route.ts';
import { readJsonBody } from './write-body.ts';

type Review = (ctx: HandlerContext, exchange: Exchange) => Promise<Answer>;

/** Questions about oneself that are answered and never stored; everybody who signed in may ask. */
const REVIEWS: Readonly<Record<string, Review>> = {
  'authentication.k8s.io/v1/selfsubjectreviews': reviewSelf,
  'authorization.k8s.io/v1/selfsubjectaccessreviews': reviewAccess,
};

/** Answers `kubectl auth whoami` and `kubectl auth can-i`; undefined for other paths. @throws ApiError */
export function findReview({ group, version, plural }: ResourcePath): Review | undefined {
  const key = `${group}/${version}/${plural}`;
  return Object.hasOwn(REVIEWS, key) ? REVIEWS[key] : undefined;
}

async function reviewSelf(ctx: HandlerContext, exchange: Exchange): Promise<Answer> {
  if (exchange.method !== 'POST') throw methodNotAllowed(exchange.method);
  const { name, groups, uid } = exchange.user;
  return jsonAnswer(201, {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: formatTime(ctx.server.clock.nowMs()) },
    status: { userInfo: { username: name, groups, ...(uid === undefined ? {} : { uid }) } },
  });
}

async function reviewAccess(ctx: HandlerContext, exchange: Exchange): Promise<Answer> {
  if (exchange.method !== 'POST') throw methodNotAllowed(exchange.method);
  const body = (await readJsonBody(exchange))?.value;
  const spec = isRecord(body) && isRecord(body['spec']) ? body['spec'] : {};
  const { verdict, reason } = ctx.server.authorizer.authorize(attributesOf(exchange, spec));
  return jsonAnswer(201, {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec,
    status: { allowed: verdict === 'allow', ...(verdict === 'deny' ? { denied: true } : {}), ...(reason === undefined ? {} : { reason }) },
  });
}

function attributesOf({ user }: Exchange, spec: Record<string, unknown>): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (isRecord(path)) return { type: 'path', user, verb: text(path['verb']), path: text(path['path']) };
  if (!isRecord(resource)) throw badRequest('spec: exactly one of nonResourceAttributes or resourceAttributes must be specified');
  const names = { group: text(resource['group']), version: text(resource['version']), plural: text(resource['resource']) };
  const where = { subresource: text(resource['subresource']), namespace: text(resource['namespace']), name: text(resource['name']) };
  return { type: 'resource', user, verb: text(resource['verb']), resource: names, ...where };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
