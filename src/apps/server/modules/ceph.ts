import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { Module } from './module.ts';

/** Users of object stores of Ceph (Rook): the kinds. */
export const ceph: Module = {
  name: 'ceph',
  needs: [],
  definitions: () => definitionsOf('ceph.rook.io'),
};
