import type { IngressClass, IngressClassParametersReference } from '../../generated/kubernetes.ts';
import { invalid, notSupported, required, tooLong } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { ingressClasses } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';

const MAX_CONTROLLER = 250;
/** What may stand in the path of a URL (RFC 3986; apimachinery `httpPathFmt`). */
const HTTP_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
const SCOPES = ['Cluster', 'Namespace'];

/** networking.k8s.io/v1 IngressClass. */
export const ingressClassKind: KindDefinition<IngressClass> = {
  ...PLAIN_KIND,
  resource: ingressClasses,
  schema: 'io.k8s.api.networking.v1.IngressClass',
  applyDefaults: (ingressClass) => ({
    ...ingressClass,
    spec: withMember(withDefaults(ingressClass.spec, {}), 'parameters', (parameters) => withDefaults(parameters, { scope: 'Cluster' })),
  }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateController(spec.controller ?? ''),
    ...(spec.parameters === undefined ? [] : validateParameters(spec.parameters, 'spec.parameters')),
  ],
  validateUpdate: (next, previous) => immutableField(next.spec.controller, previous.spec.controller, 'spec.controller'),
  columns: [
    nameColumn(),
    column({ name: 'Controller', description: 'The program that serves ingresses of the class.' }, ({ spec }) => spec.controller ?? ''),
    column({ name: 'Parameters', description: 'The object with its settings.' }, ({ spec }) => parametersText(spec.parameters)),
    ageColumn(),
  ],
};

function parametersText(parameters: IngressClassParametersReference | undefined): string {
  if (parameters === undefined) return NONE;
  const { apiGroup = '', kind, name } = parameters;
  return `${apiGroup === '' ? kind : `${kind}.${apiGroup}`}/${name}`;
}

function validateController(controller: string): readonly FieldError[] {
  const field = 'spec.controller';
  if (controller === '') return [required(field)];
  const faults = controller.length > MAX_CONTROLLER ? [tooLong(field, MAX_CONTROLLER)] : [];
  const [domain = '', ...rest] = controller.split('/');
  const path = rest.join('/');
  if (domain === '' || path === '')
    return [...faults, invalid(field, controller, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const isPath = HTTP_PATH.test(path);
  return [
    ...faults,
    ...dns1123Subdomain(domain).map((fault) => invalid(field, domain, fault)),
    ...(isPath ? [] : [invalid(field, path, `Invalid path (regex used for validation is '${HTTP_PATH.source.slice(1, -1)}')`)]),
  ];
}

function validateParameters(parameters: Partial<IngressClassParametersReference>, field: string): readonly FieldError[] {
  const { kind = '', name = '', scope = '', namespace } = parameters;
  const faults: FieldError[] = [];
  if (kind === '') faults.push(required(`${field}.kind`, 'kind is required'));
  if (name === '') faults.push(required(`${field}.name`, 'name is required'));
  if (!SCOPES.includes(scope)) faults.push(notSupported(`${field}.scope`, scope, SCOPES));
  if (scope === 'Namespace' && (namespace ?? '') === '')
    faults.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  return faults;
}
