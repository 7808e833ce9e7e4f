import type { CommandGroup } from '../verb.ts';
import { approve } from './approve.ts';
import { configure } from './configure.ts';
import { install } from './install.ts';
import { keygen } from './keygen.ts';
import { list } from './list.ts';
import { pack } from './pack.ts';
import { packages } from './packages.ts';
import { removePackage } from './remove-package.ts';
import { show } from './show.ts';
import { trust } from './trust.ts';
import { uninstall } from './uninstall.ts';
import { upgrade } from './upgrade.ts';
import { upload } from './upload.ts';

/** `stowage plugin`. */
export const pluginVerb: CommandGroup = {
  type: 'group',
  about: 'Plugins: what can be installed, upgraded and uninstalled, and the packages that bring them.',
  commands: new Map([
    ['list', { summary: 'every plugin with its version and state', command: list }],
    ['show', { summary: 'what one plugin needs and brings', command: show }],
    ['install', { summary: 'install a plugin, and wait until it is at work', command: install }],
    ['configure', { summary: 'change settings of a plugin while it works', command: configure }],
    ['uninstall', { summary: 'uninstall a plugin that nothing uses', command: uninstall }],
    ['upgrade', { summary: 'have a plugin in a newer version', command: upgrade }],
    ['approve', { summary: 'say yes to the newer version that waits for it', command: approve }],
    ['packages', { summary: 'every version, and where it comes from', command: packages }],
    ['upload', { summary: 'upload a package, for a machine without a network', command: upload }],
    ['remove-package', { summary: 'remove a package that was uploaded', command: removePackage }],
    ['trust', { summary: 'whose packages are taken', command: trust }],
    ['pack', { summary: 'make a package and sign it', command: pack }],
    ['keygen', { summary: 'make a key that signs packages', command: keygen }],
  ]),
};
