import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { Module } from './module.ts';

/** Snapshots of volumes and of groups of volumes, and volumes that are filled from elsewhere: the kinds. */
export const snapshots: Module = {
  name: 'snapshots',
  needs: ['csi'],
  definitions: () => definitionsOf('snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io', 'populator.storage.k8s.io'),
};
