import type { Origin, Told } from '#api/capabilities/resolve.ts';
import { didYouMean } from '#kit/closest.ts';
import { PlatformError } from '#kit/errors.ts';
import type { ModuleManifest } from '../../server/modules/manifest.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import type { AnyCommand } from '../verb.ts';
import { type KnownClass, readClasses } from './read-classes.ts';

const { namespace: _, ...flags } = { ...objectConfig, ...outputConfig };

/** `stowage class show`, with the drivers of these modules. */
export function showOf(modules: readonly ModuleManifest[]): AnyCommand {
  return defineCommand({
    usage: 'CLASS',
    about: 'Shows what claims of one class can ask for, who says so, and what others said that does not count.',
    examples: [['stowage class show local', 'what the class local can do']],
    flags,
    words: { min: 1, max: 1, takes: 'takes the name of a class' },
    run: async ({ print }, { config, words }) => {
      const [name = ''] = words;
      const { client } = await connectApi({ ...config, namespace: undefined });
      try {
        const classes = await readClasses(client, modules);
        const found = classes.find((one) => one.name === name);
        if (found === undefined) throw unknownClass(name, classes);
        if (config.output === 'json') return print(formatJson(found));
        for (const line of linesOf(found)) print(line);
      } finally {
        client.close();
      }
    },
  });
}

function unknownClass(name: string, classes: readonly KnownClass[]): PlatformError {
  const known = classes.map((one) => one.name);
  return new PlatformError({
    code: 'NotFound',
    reason: 'NotFound',
    message: `there is no storage class ${name}${didYouMean(name, known)}`,
  });
}

function linesOf({ name, displayName, provisioner, features, ...can }: KnownClass): readonly string[] {
  return [
    displayName === undefined ? name : `${name} (${displayName})`,
    `  driver: ${provisioner}`,
    ...told('volume modes', can.volumeModes, (modes) => modes.join(', ') || 'none'),
    ...told('access modes of file systems', can.accessModes, (modes) => modes.join(', ') || 'none'),
    ...told('access modes of block devices', can.blockAccessModes, (modes) => modes.join(', ') || 'none'),
    ...told('snapshots', can.snapshot, yesNo),
    ...told('growth', can.expansion, yesNo),
    ...(features === undefined ? [] : [`  features: ${features.join(', ')}`]),
  ];
}

function told<T>(what: string, value: Told<T> | undefined, format: (value: T) => string): readonly string[] {
  if (value === undefined) return [`  ${what}: nobody told; a ConfigMap sd-… in kube-public can`];
  return [
    `  ${what}: ${format(value.value)} (${originOf(value.origin)})`,
    ...value.overridden.map((other) => `    does not count: ${format(other.value)} (${originOf(other.origin)})`),
  ];
}

function originOf({ by, name }: Origin): string {
  if (by === 'driver') return `the driver ${name} itself`;
  return by === 'configMap' ? `ConfigMap kube-public/${name}` : `the class ${name}`;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
