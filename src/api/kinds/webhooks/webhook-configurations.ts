import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../generated/kubernetes.ts';
import type { KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { mutatingWebhookConfigurations, validatingWebhookConfigurations } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { defaultWebhook, validateWebhooks } from './webhook.ts';

type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration;

/** What the two kinds of configurations have in common. */
const SHARED = {
  ...PLAIN_KIND,
  validate: ({ metadata, webhooks }: Configuration) => [
    ...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateWebhooks(webhooks ?? [], 'webhooks'),
  ],
};

const webhooksColumn = column<Configuration>(
  { name: 'Webhooks', type: 'integer', description: 'The number of webhooks in it.' },
  ({ webhooks }) => (webhooks ?? []).length,
);

/** admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration. */
export const validatingWebhookConfigurationKind: KindDefinition<ValidatingWebhookConfiguration> = {
  ...SHARED,
  resource: validatingWebhookConfigurations,
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  needsVersionForUpdate: true,
  applyDefaults: (configuration) => withMember(configuration, 'webhooks', (webhooks) => webhooks.map(defaultWebhook)),
  columns: [nameColumn(), webhooksColumn, ageColumn()],
};

/** admissionregistration.k8s.io/v1 MutatingWebhookConfiguration. */
export const mutatingWebhookConfigurationKind: KindDefinition<MutatingWebhookConfiguration> = {
  ...SHARED,
  resource: mutatingWebhookConfigurations,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  needsVersionForUpdate: true,
  applyDefaults: (configuration) =>
    withMember(configuration, 'webhooks', (webhooks) =>
      webhooks.map((webhook) => withDefaults(defaultWebhook(webhook), { reinvocationPolicy: 'Never' })),
    ),
  columns: [nameColumn(), webhooksColumn, ageColumn()],
};
