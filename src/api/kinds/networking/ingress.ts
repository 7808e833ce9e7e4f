import type { Ingress, IngressRule, IngressTLS } from '../../generated/kubernetes.ts';
import type { KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { ingresses } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { fewOf } from './few-of.ts';
import { validateIngressSpec } from './ingress-validation.ts';

/** networking.k8s.io/v1 Ingress. */
export const ingressKind: KindDefinition<Ingress> = {
  ...PLAIN_KIND,
  resource: ingresses,
  schema: 'io.k8s.api.networking.v1.Ingress',
  subresources: ['status'],
  applyDefaults: (ingress) => ({ ...ingress, spec: withDefaults(ingress.spec, {}) }),
  prepareForCreate: (ingress) => ({ ...ingress, status: { loadBalancer: {} } }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateIngressSpec(spec ?? {}),
  ],
  columns: [
    nameColumn(),
    column({ name: 'Class', description: 'The class that is to serve it.' }, ({ spec }) => spec.ingressClassName ?? NONE),
    column({ name: 'Hosts', description: 'The hosts that it is for.' }, ({ spec }) => hostsText(spec.rules ?? [])),
    column({ name: 'Address', description: 'Where it is reached.' }, ({ status }) =>
      (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '').join(','),
    ),
    column({ name: 'Ports', description: 'The ports that it is reached at.' }, ({ spec }) => portsText(spec.tls ?? [])),
    ageColumn(),
  ],
};

function hostsText(rules: readonly IngressRule[]): string {
  return fewOf(
    rules.map(({ host = '' }) => host).filter((host) => host !== ''),
    '*',
  );
}

function portsText(tls: readonly IngressTLS[]): string {
  return tls.length === 0 ? '80' : '80, 443';
}
