import { definitionsOf } from '#api/definitions/brought-along.ts';
import type { Module } from './module.ts';

/** What can be installed: the kinds. */
export const plugins: Module = { name: 'plugins', needs: [], definitions: () => definitionsOf('cluster.alauda.io') };
