import type { AdmissionRequest } from '../contract/admission.ts';
import type { WriteRequest } from '../contract/request.ts';

/** The parts of an admission request that every write fills alike. */
export function admissionRequest<V extends AdmissionRequest['verb']>(
  request: WriteRequest,
  verb: V,
): AdmissionRequest & { readonly verb: V } {
  return {
    verb,
    user: request.user,
    kind: request.kind,
    subresource: request.subresource,
    key: { namespace: request.namespace, name: request.name },
    isDryRun: request.isDryRun,
    warn: request.warn,
    annotations: request.notes.annotations,
  };
}
