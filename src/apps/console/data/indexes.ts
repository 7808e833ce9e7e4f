import { claimKeysOfPod } from '#api/claim-facts.ts';
import { trustedItem } from '#api/console-items.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { events, persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import type { IndexFunction } from './collection.ts';

/** How lists are searched: pods by claim, events by object, claims by class, volumes by name. */
export const INDEXES: Readonly<Record<string, Readonly<Record<string, IndexFunction>>>> = {
  [groupResourceOf(pods)]: { claim: (object) => claimKeysOfPod(trustedItem(pods, object)) },
  [groupResourceOf(events)]: { about: (object) => [trustedItem(events, object).involvedObject.uid ?? ''] },
  [groupResourceOf(persistentVolumeClaims)]: {
    class: (object) => [trustedItem(persistentVolumeClaims, object).spec.storageClassName ?? ''],
  },
  [groupResourceOf(persistentVolumes)]: { name: (object) => [object.metadata.name] },
};
