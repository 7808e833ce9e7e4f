import type { ModuleManifest } from '../../server/modules/manifest.ts';
import type { CommandGroup } from '../verb.ts';
import { addBeside } from './add.ts';
import { listOf } from './list.ts';
import { remove } from './remove.ts';
import { serve } from './serve.ts';

/** `stowage driver`, of a platform with these modules. */
export function driverVerb(modules: readonly ModuleManifest[]): CommandGroup {
  return {
    type: 'group',
    about: 'CSI drivers of the platform, and of other vendors on it.',
    commands: new Map([
      ['list', { summary: 'every driver with its version, health and capabilities', command: listOf(modules) }],
      ['add', { summary: 'take the driver of another vendor into use', command: addBeside(modules) }],
      ['remove', { summary: 'let go of one that was added', command: remove }],
      ['serve', { summary: 'serve local.stowage.dev alone', command: serve }],
    ]),
  };
}
