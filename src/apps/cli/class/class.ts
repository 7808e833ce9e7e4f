import type { ModuleManifest } from '../../server/modules/manifest.ts';
import type { CommandGroup } from '../verb.ts';
import { listOf } from './list.ts';
import { showOf } from './show.ts';

/** `stowage class`, of a platform with these modules. */
export function classVerb(modules: readonly ModuleManifest[]): CommandGroup {
  return {
    type: 'group',
    about: 'Storage classes: what claims of them can ask for.',
    commands: new Map([
      ['list', { summary: 'every class with its volume modes, access modes, snapshots and growth', command: listOf(modules) }],
      ['show', { summary: 'what one class can do, and who says so', command: showOf(modules) }],
    ]),
  };
}
