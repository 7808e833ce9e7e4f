import { causeOf, formatFieldErrors } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { ApiError, type StatusBody } from '../../client/api-error.ts';
import { StoreFull } from '../../store/store-errors.ts';

/**
 * The refusals of the API server, in upstream's words (apimachinery pkg/api/errors/errors.go): tools and people match them.
 */

type Named = Pick<Resource, 'group' | 'plural'>;
type Kinded = Pick<Resource, 'group' | 'kind'>;

interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: NonNullable<StatusBody['details']>;
  readonly metadata?: NonNullable<StatusBody['metadata']>;
}

function refuse(refusal: Refusal): ApiError {
  return new ApiError({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...refusal });
}

function detailsOf(resource: Named, name: string): { name?: string; group?: string; kind: string } {
  return { ...(name === '' ? {} : { name }), ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.plural };
}

/** 404: there is no such object. */
export function notFound(resource: Named, name: string): ApiError {
  return refuse({
    code: 404,
    reason: 'NotFound',
    message: `${groupResourceOf(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });
}

/** 404: the path names nothing that is served. */
export function noSuchPath(): ApiError {
  return refuse({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });
}

/** 409: the name is taken. */
export function alreadyExists(resource: Named, name: string): ApiError {
  return refuse({
    code: 409,
    reason: 'AlreadyExists',
    message: `${groupResourceOf(resource)} "${name}" already exists`,
    details: detailsOf(resource, name),
  });
}

/** 409: the writer worked from an old state, or a precondition does not hold. */
export function conflict(resource: Named, name: string, why: string): ApiError {
  return refuse({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${groupResourceOf(resource)} "${name}": ${why}`,
    details: detailsOf(resource, name),
  });
}

/** Why of {@link conflict} when the resourceVersion is not the newest. */
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** 400: the request can't be understood. */
export function badRequest(message: string): ApiError {
  return refuse({ code: 400, reason: 'BadRequest', message });
}

/** 401: nobody we know. */
export function unauthorized(): ApiError {
  return refuse({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

/** 403: the object may not be written or read, for the reason given. */
export function forbidden(resource: Named, name: string, why: string): ApiError {
  const subject = name === '' ? groupResourceOf(resource) : `${groupResourceOf(resource)} "${name}"`;
  return refuse({ code: 403, reason: 'Forbidden', message: `${subject} is forbidden: ${why}`, details: detailsOf(resource, name) });
}

/** What a webhook said no to; without a usable code of its own 400 (apiserver webhook/errors/statuserror.go). */
export function deniedByWebhook(
  name: string,
  { code = 0, reason = '', message = '' }: { readonly code?: number; readonly reason?: string; readonly message?: string },
): ApiError {
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = message === '' ? reason : message;
  return refuse({
    code: code >= 400 && code < 600 ? code : 400,
    reason,
    message: why === '' ? `${deniedBy} without explanation` : `${deniedBy}: ${why}`,
  });
}

const POLICY_CODES: Readonly<Record<string, number>> = { Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413, Invalid: 422 };

/** What a policy says no to, with the reason that it names (apiserver policy/validating). */
export function deniedByPolicy(
  resource: Named,
  name: string,
  { message, reason }: { readonly message: string; readonly reason: string },
): ApiError {
  return refuse({
    code: POLICY_CODES[reason] ?? 422,
    reason,
    message: `${groupResourceOf(resource)} ${JSON.stringify(name)} is forbidden: ${message}`,
    details: { ...detailsOf(resource, name), causes: [{ message }] },
  });
}

/** 403: policies that mutate could not do their work; the first fault speaks, with its reason (apiserver policy/generic/policy_dispatcher.go). */
export function deniedByMutatingPolicy(
  resource: Named,
  name: string,
  faults: readonly { readonly message: string; readonly reason: string }[],
): ApiError {
  const { message = '', reason = 'Forbidden' } = faults[0] ?? {};
  const causes = faults.map((fault) => ({ message: fault.message }));
  return refuse({ code: 403, reason, message, details: { ...detailsOf(resource, name), causes } });
}

/** 500: a webhook that must be asked can't be. */
export function webhookUnusable(name: string, why: string): ApiError {
  const message = `failed calling webhook ${JSON.stringify(name)}: ${why}`;
  return refuse({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ reason: 'InternalError', message }] },
  });
}

/** 429: this user asks for more than he is let have now. */
export function tooManyRequests(why: string): ApiError {
  return refuse({ code: 429, reason: 'TooManyRequests', message: `${why}: try again later`, details: { retryAfterSeconds: 1 } });
}

/** 403: nothing new comes into a namespace that is going away. */
export function namespaceTerminating(resource: Named, name: string, namespace: string): ApiError {
  const message = `unable to create new content in namespace ${namespace} because it is being terminated`;
  return refuse({
    code: 403,
    reason: 'Forbidden',
    message: `${groupResourceOf(resource)} "${name}" is forbidden: ${message}`,
    details: {
      ...detailsOf(resource, name),
      causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
    },
  });
}

/** 429: a pod may not be evicted now; it may be tried again. */
export function disruptionRefused(why: string): ApiError {
  return refuse({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message: why, field: '' }] },
  });
}

/** 403 for a path that is no resource. */
export function forbiddenPath(why: string): ApiError {
  return refuse({ code: 403, reason: 'Forbidden', message: `forbidden: ${why}` });
}

/** 405: this resource does not have the verb. */
export function methodNotAllowed(method?: string): ApiError {
  const message = 'the server does not allow this method on the requested resource';
  return refuse({ code: 405, reason: 'MethodNotAllowed', message: method === undefined ? message : `${message}: ${method}` });
}

/** 405: nothing new comes into a kind that is going away. */
export function definitionTerminating(resource: Named): ApiError {
  return refuse({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'create not allowed while custom resource definition is terminating',
    details: detailsOf(resource, ''),
  });
}

/** 406: none of the asked representations is served. */
export function notAcceptable(): ApiError {
  return refuse({
    code: 406,
    reason: 'NotAcceptable',
    message: 'only the following media types are accepted: application/json, application/yaml',
  });
}

/** 415: the body's type is not understood; `allowed` are the ones that would be. */
export function unsupportedMediaType(allowed: readonly string[], remark = ''): ApiError {
  return refuse({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${allowed.join(', ')}${remark === '' ? '' : `: ${remark}`}`,
  });
}

/** 413: the body is larger than `limitBytes`. */
export function tooLarge(limitBytes: number): ApiError {
  return refuse({ code: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: limit is ${limitBytes}` });
}

/** 410: the version is no longer kept; list again. */
export function expired(message: string, continueToken?: string): ApiError {
  return refuse({
    code: 410,
    reason: 'Expired',
    message,
    ...(continueToken === undefined ? {} : { metadata: { continue: continueToken } }),
  });
}

/** 504: a list asks for a version that does not exist yet. */
export function versionInFuture(asked: number, current: number): ApiError {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  return refuse({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: ${message}`,
    details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
  });
}

/** 422: the object's fields are wrong; each fault becomes a cause. */
export function invalid(resource: Kinded, name: string, faults: readonly FieldError[]): ApiError {
  const causes = faults.map(causeOf);
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  return refuse({
    code: 422,
    reason: 'Invalid',
    message: `${kind} "${name}" is invalid: ${formatFieldErrors(faults)}`,
    details: { ...(name === '' ? {} : { name }), ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.kind, causes },
  });
}

/** 422: an update that must say from which state it was made. Upstream names the resource where the kind should be, and shows the number as Go does. */
export function versionNeeded(resource: Named, name: string): ApiError {
  const [field, fault] = ['metadata.resourceVersion', 'Invalid value: 0x0: must be specified for an update'];
  return refuse({
    code: 422,
    reason: 'Invalid',
    message: `${groupResourceOf(resource)} "${name}" is invalid: ${field}: ${fault}`,
    details: { ...detailsOf(resource, name), causes: [{ ...causeOf({ field, type: 'Invalid', detail: '' }), message: fault }] },
  });
}

/** Turns anything thrown into a refusal; a PlatformError keeps its code's status, everything else is a 500 that hides its text. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  // why not 429: clients try that again and again, and nothing gets better by it
  if (thrown instanceof StoreFull) return refuse({ code: 507, reason: thrown.reason, message: thrown.message });
  if (thrown instanceof PlatformError && thrown.code !== 'Unknown') {
    const { http, kubernetes } = ERROR_CODES[thrown.code];
    return refuse({ code: http, reason: kubernetes, message: thrown.message });
  }
  return refuse({ code: 500, reason: 'InternalError', message: 'Internal error occurred: the server log has the details' });
}
