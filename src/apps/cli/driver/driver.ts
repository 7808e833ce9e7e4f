import type { CommandGroup } from '../verb.ts';
import { add } from './add.ts';
import { list } from './list.ts';
import { remove } from './remove.ts';
import { serve } from './serve.ts';

/** `stowage driver`. */
export const driverVerb: CommandGroup = {
  type: 'group',
  about: 'CSI drivers of the platform, and of other vendors on it.',
  commands: new Map([
    ['list', { summary: 'every driver with its version, health and capabilities', command: list }],
    ['add', { summary: 'take the driver of another vendor into use', command: add }],
    ['remove', { summary: 'let go of one that was added', command: remove }],
    ['serve', { summary: 'serve local.stowage.dev alone', command: serve }],
  ]),
};
