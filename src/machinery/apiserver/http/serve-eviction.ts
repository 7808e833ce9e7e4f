import { isRecord } from '#kit/json.ts';
import { guardedWrite } from '../access/guarded.ts';
import type { ApiRequest } from '../request.ts';
import { badRequest } from '../status-error.ts';
import { evictPod } from '../verbs/evict-pod.ts';
import type { HandlerContext } from './handler-context.ts';
import type { Exchange } from './messages.ts';
import { deleteOptions } from './query.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import { readReview } from './reviews/read-review.ts';
import { writeRequest } from './write-request.ts';
import type { Eviction } from '#api/generated/kubernetes.ts';

/** Answers `POST …/pods/NAME/eviction`. @throws ApiError */
export async function serveEviction({ server }: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const asked = writeRequest(exchange, request);
  await guardedWrite(server, { request: asked, verb: 'create' }, async () => {
    const eviction = await readReview<Eviction>(exchange, 'io.k8s.api.policy.v1.Eviction');
    const name = isRecord(eviction.metadata) ? eviction.metadata['name'] : undefined;
    if (typeof name === 'string' && name !== '' && name !== request.name)
      throw badRequest(`name in URL does not match name in Eviction object: ${request.name} and ${name}`);
    const options = deleteOptions(exchange.query, eviction.deleteOptions);
    await evictPod(server, { ...asked, isDryRun: options.isDryRun }, options);
  });
  return jsonAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}
