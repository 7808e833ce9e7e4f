import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { Module } from './module.ts';

/** Logical volumes of LVM (TopoLVM): the kinds. */
export const topolvm: Module = {
  name: 'topolvm',
  needs: [],
  definitions: () => definitionsOf('topolvm.io'),
};
