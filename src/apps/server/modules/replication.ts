import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { Module } from './module.ts';

/** Replication of volumes (VolSync): the kinds. */
export const replication: Module = {
  name: 'replication',
  needs: [],
  definitions: () => definitionsOf('volsync.backube'),
};
