import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import { parseExactJson } from '#kit/exact-json.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { AdmissionRequest } from '../../contract/admission.ts';
import type { SentKind } from '../../contract/admission.ts';
import type { Operation } from './rule-matcher.ts';

/** A question to a webhook (admission.k8s.io AdmissionReview, `request`). */
export interface ReviewRequest {
  readonly uid: string;
  readonly operation: Operation;
  readonly [field: string]: unknown;
}

/** What is asked about, in the version that the webhook wants. */
export interface ReviewSubject {
  readonly operation: Operation;
  readonly resource: Resource;
  readonly object?: KubeObject | undefined;
  readonly oldObject?: KubeObject | undefined;
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** The question about a write, without the objects (apiserver pkg/admission/plugin/webhook/request). */
export function reviewRequest(request: AdmissionRequest, { operation, resource }: ReviewSubject, uid: string): ReviewRequest {
  const { user, kind, key, subresource, isDryRun } = request;
  const part = subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource };
  return {
    uid,
    kind: kindOf(request, resource),
    resource: { group: resource.group, version: resource.version, resource: resource.plural },
    requestKind: kindOf(request, kind.resource),
    requestResource: { group: kind.resource.group, version: kind.resource.version, resource: kind.resource.plural },
    ...part,
    name: key.name,
    ...(key.namespace === '' ? {} : { namespace: key.namespace }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    dryRun: isDryRun,
    options: operation === 'CONNECT' ? null : optionsOf(OPTIONS[operation], isDryRun),
  };
}

/** What is sent and not stored has a kind of its own, everything else the kind of the path. */
function kindOf({ sent }: AdmissionRequest, resource: Resource): Pick<SentKind, 'group' | 'version' | 'kind'> {
  const { group, version, kind } = sent ?? resource;
  return { group, version, kind };
}

function optionsOf(kind: string, isDryRun: boolean): object {
  return { kind, apiVersion: apiVersionOf({ group: 'meta.k8s.io', version: 'v1' }), ...(isDryRun ? { dryRun: ['All'] } : {}) };
}

/** What a webhook said. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  /** Of a refusal, as far as the webhook gave it. */
  readonly status: { readonly code?: number; readonly reason?: string; readonly message?: string };
  readonly patch: readonly unknown[];
  readonly warnings: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** Reads an answer; the error says what is wrong with it. */
export function readAnswer(body: unknown, asked: { readonly uid: string; readonly apiVersion: string }): Result<ReviewAnswer> {
  if (!isRecord(body)) return fail('the answer is no JSON object');
  if (body['kind'] !== 'AdmissionReview' || body['apiVersion'] !== asked.apiVersion)
    return fail(
      `expected webhook response of ${asked.apiVersion}, Kind=AdmissionReview, got ${String(body['apiVersion'])}, Kind=${String(body['kind'])}`,
    );
  const { response } = body;
  if (!isRecord(response)) return fail('the answer has no response');
  if (response['uid'] !== asked.uid)
    return fail(`expected response.uid=${JSON.stringify(asked.uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  const patch = readPatch(response);
  if (!patch.ok) return patch;
  return ok({
    allowed: response['allowed'] === true,
    status: readStatus(response['status']),
    patch: patch.value,
    warnings: Array.isArray(response['warnings']) ? response['warnings'].filter((text) => typeof text === 'string') : [],
    annotations: textsOf(response['auditAnnotations']),
  });
}

function readPatch({ patch, patchType }: Readonly<Record<string, unknown>>): Result<readonly unknown[]> {
  if (patch === undefined || patch === null || patch === '') return ok([]);
  if (typeof patch !== 'string') return fail('response.patch must be a text in base64');
  if (patchType !== 'JSONPatch')
    return fail(`webhook returned invalid response.patchType of ${JSON.stringify(patchType ?? '')}, must be JSONPatch`);
  try {
    const operations: unknown = parseExactJson(Buffer.from(patch, 'base64').toString('utf8'));
    return Array.isArray(operations) ? ok(operations) : fail('response.patch must be a list of operations');
  } catch {
    // why: the parser's words name a place in a text that nobody sees
    return fail('response.patch is no JSON in base64');
  }
}

function readStatus(status: unknown): ReviewAnswer['status'] {
  if (!isRecord(status)) return {};
  const { code, reason, message } = status;
  return {
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
