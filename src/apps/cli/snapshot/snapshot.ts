import type { CommandGroup } from '../verb.ts';
import { blocks } from './blocks.ts';

/** `stowage snapshot`. */
export const snapshot: CommandGroup = {
  type: 'group',
  about: 'What is in snapshots of volumes.',
  commands: new Map([['blocks', { summary: 'which blocks of a snapshot hold data, or have changed since another', command: blocks }]]),
};
