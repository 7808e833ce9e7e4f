import type { CommandGroup } from '../verb.ts';
import { list } from './list.ts';
import { load } from './load.ts';
import { remove } from './remove.ts';

/** `stowage image`. */
export const imageVerb: CommandGroup = {
  type: 'group',
  about: 'Images for pods, without a registry.',
  commands: new Map([
    ['load', { summary: 'take an image out of an archive', command: load }],
    ['list', { summary: 'the images that were fetched or loaded', command: list }],
    ['remove', { summary: 'forget an image', command: remove }],
  ]),
};
