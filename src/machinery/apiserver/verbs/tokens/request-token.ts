import type { TokenRequest, TokenRequestSpec } from '#api/generated/kubernetes.ts';
import { invalid as invalidField, notSupported, required } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { formatTime } from '#kit/clock.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { AccountTokens } from '../../access/service-accounts/account-tokens.ts';
import { TOKEN_REQUEST } from '../../admission/sent-object.ts';
import type { ServerContext } from '../../contract/context.ts';
import { storeKeyOf, type WriteRequest } from '../../contract/request.ts';
import { invalid, notFound } from '../../contract/status-error.ts';
import { admissionRequest } from '../admission-request.ts';
import { BOUND_KINDS, findBound, isBoundKind } from './bound-object.ts';

/** An hour (authentication/v1 defaults.go). */
const DEFAULT_SEC = 3_600;
const MIN_SEC = 600;
const MAX_SEC = 2 ** 32;

/** What is asked for; whatever is required may still be missing. */
export interface AskedToken {
  readonly spec?: Partial<TokenRequestSpec> | undefined;
  readonly metadata?: unknown;
}

type WantedToken = TokenRequestSpec & { readonly audiences: readonly string[]; readonly expirationSeconds: number };

/** The answer to a TokenRequest: its spec with defaults, and the token. */
export type AnsweredTokenRequest = Pick<TokenRequest, 'kind' | 'apiVersion' | 'spec'> & {
  readonly metadata: object;
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
};

/** Issues a token of the service account that `request` names, as its subresource `token` does. @throws ApiError */
export async function requestToken(
  server: ServerContext,
  request: WriteRequest,
  { tokens, asked: { spec: asked = {}, metadata } }: { readonly tokens: AccountTokens; readonly asked: AskedToken },
): Promise<AnsweredTokenRequest> {
  const wanted = { ...asked, audiences: asked.audiences ?? [], expirationSeconds: asked.expirationSeconds ?? DEFAULT_SEC };
  const spec = await admitted(server, request, { metadata, spec: wanted });
  const faults = validate(spec);
  if (faults.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', faults);
  const account = server.store.get(storeKeyOf(request));
  if (account === undefined) throw notFound(request.kind.resource, request.name);
  server.admission.validateToken(admissionRequest(request, 'create'), spec);
  const { namespace, name } = request;
  const issued = tokens.issue({
    namespace,
    account: { name, uid: account.object.metadata.uid },
    audiences: spec.audiences,
    expiresInSec: spec.expirationSeconds,
    bound: findBound(server.store, spec, { namespace, account: name }),
  });
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: formatTime(server.clock.nowMs()) },
    spec: { ...spec, audiences: issued.audiences },
    status: { token: issued.token, expirationTimestamp: formatTime(issued.expiresAtMs) },
  };
}

/** What is asked for as policies and webhooks leave it. */
async function admitted(
  server: ServerContext,
  request: WriteRequest,
  { metadata, spec }: { readonly metadata: unknown; readonly spec: WantedToken },
): Promise<WantedToken> {
  const { namespace, name } = request;
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { ...(isRecord(metadata) ? metadata : {}), name, namespace },
    spec,
  };
  // why trusted: a request lacks what the server fills for what it stores
  const object = trusted<KubeObject>(body);
  const made = await server.admission.ask({ ...admissionRequest(request, 'create'), object, sent: TOKEN_REQUEST });
  if (made === object) return spec;
  const { audiences = [], expirationSeconds = DEFAULT_SEC, ...others } = trusted<{ readonly spec?: Partial<WantedToken> }>(made).spec ?? {};
  return { ...others, audiences, expirationSeconds };
}

/** Texts of pkg/apis/authentication/validation. */
function validate({ expirationSeconds = DEFAULT_SEC, boundObjectRef }: TokenRequestSpec): readonly FieldError[] {
  const field = 'spec.expirationSeconds';
  const faults: FieldError[] = [];
  if (expirationSeconds < MIN_SEC) faults.push(invalidField(field, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  if (expirationSeconds > MAX_SEC)
    faults.push(invalidField(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  if (boundObjectRef === undefined) return faults;
  const { kind = '', apiVersion = '', name = '' } = boundObjectRef;
  if (!isBoundKind(kind)) faults.push(notSupported('spec.boundObjectRef.kind', kind, Object.keys(BOUND_KINDS)));
  if (apiVersion !== 'v1') faults.push(notSupported('spec.boundObjectRef.apiVersion', apiVersion, ['v1']));
  if (name === '') faults.push(required('spec.boundObjectRef.name'));
  return faults;
}
