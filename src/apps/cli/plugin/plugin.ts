import type { CommandGroup } from '../verb.ts';
import { install } from './install.ts';
import { list } from './list.ts';
import { show } from './show.ts';
import { uninstall } from './uninstall.ts';
import { upgrade } from './upgrade.ts';

/** `stowage plugin`. */
export const pluginVerb: CommandGroup = {
  type: 'group',
  about: 'Plugins: what can be installed and uninstalled.',
  commands: new Map([
    ['list', { summary: 'every plugin with its version and state', command: list }],
    ['show', { summary: 'what one plugin needs and brings', command: show }],
    ['install', { summary: 'install a plugin, and wait until it is at work', command: install }],
    ['uninstall', { summary: 'uninstall a plugin that nothing uses', command: uninstall }],
    ['upgrade', { summary: 'have a plugin in the version that there is', command: upgrade }],
  ]),
};
