import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { Module } from './module.ts';

/** Buckets (COSI): the kinds. */
export const buckets: Module = {
  name: 'buckets',
  needs: [],
  definitions: () => definitionsOf('objectstorage.k8s.io'),
};
