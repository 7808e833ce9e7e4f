import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { Module } from './module.ts';

/** Disks of machines as volumes: the kinds. */
export const disks: Module = {
  name: 'disks',
  needs: [],
  definitions: () => definitionsOf('local.storage.openshift.io'),
};
