import type { Eviction } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { guardedWrite } from '../access/guarded.ts';
import type { ApiRequest } from '../contract/request.ts';
import { badRequest } from '../contract/status-error.ts';
import { EVICTION } from '../admission/sent-object.ts';
import { admissionRequest } from '../verbs/admission-request.ts';
import { evictPod } from '../verbs/evict-pod.ts';
import type { HandlerContext } from './handler-context.ts';
import type { Exchange } from './messages.ts';
import { deleteOptions } from './query.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import { readReview } from './reviews/read-review.ts';
import { writeRequest } from './write-request.ts';

/** Answers `POST …/pods/NAME/eviction`. @throws ApiError */
export async function serveEviction({ server }: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const asked = writeRequest(exchange, request);
  await guardedWrite(server, { request: asked, verb: 'create' }, async () => {
    const eviction = await readReview<Eviction>(exchange, 'io.k8s.api.policy.v1.Eviction');
    const name = isRecord(eviction.metadata) ? eviction.metadata['name'] : undefined;
    if (typeof name === 'string' && name !== '' && name !== request.name)
      throw badRequest(`name in URL does not match name in Eviction object: ${request.name} and ${name}`);
    // why trusted: the body was checked against the definition, and what is missing is filled
    const object = trusted<KubeObject>({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      ...eviction,
      metadata: { ...eviction.metadata, name: request.name, namespace: request.namespace },
    });
    const admitted = trusted<Eviction>(await server.admission.ask({ ...admissionRequest(asked, 'create'), object, sent: EVICTION }));
    const options = deleteOptions(exchange.query, admitted.deleteOptions);
    await evictPod(server, { ...asked, isDryRun: options.isDryRun }, options);
  });
  return jsonAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}
