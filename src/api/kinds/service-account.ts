import type { ServiceAccount } from '../generated/kubernetes.ts';
import type { KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { serviceAccounts } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';

/** core/v1 ServiceAccount. */
export const serviceAccountKind: KindDefinition<ServiceAccount> = {
  resource: serviceAccounts,
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  subresources: ['token'],
  applyDefaults: (account) => account,
  prepareForCreate: withNamedSecrets,
  prepareForUpdate: withNamedSecrets,
  validate: ({ metadata }) => validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
  validateUpdate: () => [],
  selectableFields: {},
  columns: [
    nameColumn(),
    column(
      { name: 'Secrets', type: 'integer', description: 'The number of secrets that are listed for it.' },
      ({ secrets }) => (secrets ?? []).length,
    ),
    ageColumn(),
  ],
  initialFinalizers: [],
  answersDeletedObject: true,
  deletionGraceSec: () => 0,
};

/** Of a listed secret only the name is kept (core registry serviceaccount `cleanSecretReferences`). */
function withNamedSecrets(account: ServiceAccount): ServiceAccount {
  const { secrets } = account;
  if (secrets === undefined) return account;
  return { ...account, secrets: secrets.map(({ name }) => (name === undefined ? {} : { name })) };
}
