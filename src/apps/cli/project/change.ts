import { bucketClasses } from '#api/generated/definitions.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { type Assignable, planAssigning, planUnassigning } from '#api/projects/assignment.ts';
import { namespaces, storageClasses } from '#api/resources.ts';
import type { ConfigSchema } from '#kit/config.ts';
import { parsers } from '#kit/config.ts';
import type { Client } from '#machinery/client/client.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { requirePlugin } from '../plugin/require-plugin.ts';
import { CommandRefused } from '../run-command.ts';
import type { AnyCommand } from '../verb.ts';
import { assignableNames } from './project-names.ts';

const { namespace: _, ...apiFlags } = objectConfig;
const flags = {
  ...apiFlags,
  dryRun: {
    flag: 'dry-run',
    env: 'STOWAGE_DRY_RUN',
    default: false,
    doc: 'say what would be changed, and change nothing',
    parse: parsers.boolean,
    isSwitch: true,
  },
} as const satisfies ConfigSchema;

/** What can be given to a project, by the words for it. */
const TYPES: ReadonlyMap<string, { readonly resource: Resource; readonly type: Assignable['type'] }> = new Map([
  ['ns', { resource: namespaces, type: 'namespace' as const }],
  ['namespace', { resource: namespaces, type: 'namespace' as const }],
  ['sc', { resource: storageClasses, type: 'class' as const }],
  ['storageclass', { resource: storageClasses, type: 'class' as const }],
  ['bucketclass', { resource: bucketClasses, type: 'class' as const }],
]);
/** So many objects fit on a command line. */
const MAX_OBJECTS = 100;
const TAKES = 'takes a project and what it is about: ns/NAME, sc/NAME or bucketclass/NAME, one or several';

/** `stowage project assign`. */
export const assign = commandOf({
  plan: planAssigning,
  about: `Puts namespaces into a project, and allocates classes to it. A class that said nothing of projects was everybody's: from then on only the project may use it;
claims that have it keep it. The same can be done by labels (docs/en/projects.md).`,
  examples: [
    ['stowage project assign shop ns/web ns/api', 'put two namespaces into the project shop'],
    ['stowage project assign shop sc/fast --dry-run', 'say what it would mean to allocate the class fast to it'],
  ],
});

/** `stowage project unassign`. */
export const unassign = commandOf({
  plan: planUnassigning,
  about:
    'Takes namespaces out of a project, and classes from it. A class that no project is left with is for nobody; claims that have it keep it.',
  examples: [['stowage project unassign shop sc/fast', 'the project shop may use the class fast no longer']],
});

function commandOf({ plan, ...texts }: Pick<AnyCommand, 'about' | 'examples'> & { readonly plan: typeof planAssigning }): AnyCommand {
  return defineCommand({
    usage: 'PROJECT TYPE/NAME ...',
    ...texts,
    flags,
    words: { min: 2, max: MAX_OBJECTS, takes: TAKES, findNames: assignableNames },
    run: async ({ print }, { config, words }) => {
      const [project = '', ...subjects] = words;
      requireProjectName(project);
      const wanted = subjects.map(readSubject);
      const { client } = await connectApi({ ...config, namespace: undefined });
      try {
        await requirePlugin(client, 'projects');
        // why all before the first write: a name that is wrong changes nothing
        const objects = await Promise.all(wanted.map(({ resource, name }) => client.get(resource, { namespace: '', name })));
        for (const [index, object] of objects.entries()) {
          const { resource, type } = wanted[index] ?? { resource: namespaces, type: 'namespace' };
          const title = `${resource.singular} ${JSON.stringify(object.metadata.name)}`;
          const { labels, means } = plan({ type, title, labels: object.metadata.labels }, project);
          if (!config.dryRun && Object.keys(labels).length > 0) await patchLabels(client, resource, { object, labels });
          for (const line of means) print(config.dryRun ? `would be: ${line}` : line);
        }
      } finally {
        client.close();
      }
    },
  });
}

async function patchLabels(
  client: Pick<Client, 'patch'>,
  resource: Resource,
  { object, labels }: { readonly object: KubeObject; readonly labels: Readonly<Record<string, string | null>> },
): Promise<void> {
  const { name, resourceVersion } = object.metadata;
  const body = { metadata: { resourceVersion, labels } };
  await client.patch(resource, { key: { namespace: '', name }, patch: { type: 'merge', body } });
}

/** A project's name is a label's value, and a part of a label's name. */
function requireProjectName(project: string): void {
  if (/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(project) && !['name', 'ALL_ALL'].includes(project)) return;
  throw new CommandRefused(
    `${JSON.stringify(project)} can't be the name of a project: 1 to 63 letters, digits, '-', '_' and '.', letters or digits at both ends`,
  );
}

function readSubject(word: string): { readonly resource: Resource; readonly type: Assignable['type']; readonly name: string } {
  const [type = '', name = '', ...rest] = word.split('/');
  const known = TYPES.get(type);
  if (known === undefined || name === '' || rest.length > 0) throw new CommandRefused(`${JSON.stringify(word)}: ${TAKES}`);
  return { ...known, name };
}
