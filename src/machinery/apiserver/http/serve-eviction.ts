import type { Eviction } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { ApiRequest } from '../contract/request.ts';
import { badRequest } from '../contract/status-error.ts';
import type { HandlerContext } from './handler-context.ts';
import type { Exchange } from './messages.ts';
import { deleteOptions } from './query.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import { readReview } from './reviews/read-review.ts';
import { writeRequest } from './write-request.ts';

/** Answers `POST …/pods/NAME/eviction`. @throws ApiError */
export async function serveEviction({ api }: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  await api.evict(writeRequest(exchange, request), {
    read: () => readEviction(exchange, request),
    optionsOf: ({ deleteOptions: options }) => deleteOptions(exchange.query, options),
  });
  return jsonAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

async function readEviction(exchange: Exchange, request: ApiRequest): Promise<KubeObject> {
  const eviction = await readReview<Eviction>(exchange, 'io.k8s.api.policy.v1.Eviction');
  const name = isRecord(eviction.metadata) ? eviction.metadata['name'] : undefined;
  if (typeof name === 'string' && name !== '' && name !== request.name)
    throw badRequest(`name in URL does not match name in Eviction object: ${request.name} and ${name}`);
  // why trusted: the body was checked against the definition, and what is missing is filled
  return trusted<KubeObject>({
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    ...eviction,
    metadata: { ...eviction.metadata, name: request.name, namespace: request.namespace },
  });
}
