import type { CommandGroup } from '../verb.ts';
import { assign, unassign } from './change.ts';
import { list } from './list.ts';
import { show } from './show.ts';

/** `stowage project`. */
export const projectVerb: CommandGroup = {
  type: 'group',
  about: 'Projects: namespaces that share classes and a storage quota.',
  commands: new Map([
    ['list', { summary: 'every project with its namespaces, classes and quota', command: list }],
    ['show', { summary: 'what one project has', command: show }],
    ['assign', { summary: 'put namespaces into a project, or allocate classes to it', command: assign }],
    ['unassign', { summary: 'take them from it', command: unassign }],
  ]),
};
