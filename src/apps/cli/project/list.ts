import type { ProjectSummary } from '#api/projects/summary.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { formatTable } from '../table.ts';
import { NO_WORDS } from '../verb.ts';
import { readProjects } from './read-projects.ts';

const { namespace: _, ...flags } = { ...objectConfig, ...outputConfig };

/** `stowage project list`. */
export const list = defineCommand({
  about: 'Shows every project: how many namespaces it has, the classes that are allocated to it, and what of its storage quota is used.',
  examples: [
    ['stowage project list', 'a line for each project'],
    ['stowage project list -o json', 'the same for programs'],
  ],
  flags,
  words: NO_WORDS,
  run: async ({ print }, { config }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const projects = await readProjects(client);
      if (config.output === 'json') return print(formatJson(projects));
      if (projects.length === 0) return print('there are no projects: stowage project assign PROJECT ns/NAME puts a namespace into one');
      const header = ['PROJECT', 'NAMESPACES', 'CLASSES', 'DEFAULT CLASS', 'STORAGE'];
      for (const line of formatTable([header, ...projects.map(rowOf)])) print(line);
    } finally {
      client.close();
    }
  },
});

function rowOf({ name, namespaces, classes, defaultClass, limits }: ProjectSummary): readonly string[] {
  const storage = limits.find((limit) => limit.name === 'requests.storage');
  const quota = storage === undefined ? '-' : `${storage.used ?? '?'} of ${storage.hard}`;
  return [name, String(namespaces.length), classes.join(',') || '-', defaultClass ?? '-', quota];
}
