import { deletedClaims } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { NAMESPACE } from './set-actors.ts';
import type { Step } from './step.ts';

/** Brings back what was deleted last under a name, or lets it go, as a user with kubectl does. @throws TypeError where there is none */
export async function requestOfDeleted(users: Client, step: Extract<Step, { do: 'undelete' | 'letGo' }>): Promise<unknown> {
  const { items } = await users.list(deletedClaims, { namespace: NAMESPACE });
  const [newest] = items
    .filter(({ spec }) => spec.claimName === step.name)
    .toSorted((a, b) => b.spec.deletedAt.localeCompare(a.spec.deletedAt));
  if (newest === undefined) throw new TypeError(`no deleted claim ${step.name}`);
  if (step.do === 'letGo') return users.delete(deletedClaims, { namespace: NAMESPACE, name: newest.metadata.name });
  return users.create(persistentVolumeClaims, trusted<Draft<PersistentVolumeClaim>>(newest.spec.claim));
}
