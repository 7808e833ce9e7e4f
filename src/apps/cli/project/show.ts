import type { ProjectSummary } from '#api/projects/summary.ts';
import { didYouMean } from '#kit/closest.ts';
import { PlatformError } from '#kit/errors.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { projectNames } from './project-names.ts';
import { readProjects } from './read-projects.ts';

const { namespace: _, ...flags } = { ...objectConfig, ...outputConfig };

/** `stowage project show`. */
export const show = defineCommand({
  usage: 'PROJECT',
  about:
    'Shows one project: its namespaces, the classes that only it and other named projects may use, its default class, and each limit with what is used.',
  examples: [['stowage project show shop', 'what the project shop has']],
  flags,
  words: { min: 1, max: 1, takes: 'takes the name of a project', findNames: projectNames },
  run: async ({ print }, { config, words }) => {
    const [name = ''] = words;
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const projects = await readProjects(client);
      const project = projects.find((one) => one.name === name);
      if (project === undefined) throw unknownProject(name, projects);
      if (config.output === 'json') return print(formatJson(project));
      for (const line of linesOf(project)) print(line);
    } finally {
      client.close();
    }
  },
});

function unknownProject(name: string, projects: readonly ProjectSummary[]): PlatformError {
  const known = projects.map((project) => project.name);
  const message = `no namespace, class or Project object names the project ${name}${didYouMean(name, known)}`;
  return new PlatformError({ code: 'NotFound', reason: 'NotFound', message });
}

function linesOf({ name, displayName, hasObject, namespaces, classes, defaultClass, limits }: ProjectSummary): readonly string[] {
  return [
    displayName === undefined ? name : `${name} (${displayName})`,
    `  namespaces: ${namespaces.join(', ') || 'none'}`,
    `  classes of its own: ${classes.join(', ') || 'none; classes without labels about projects are for everybody'}`,
    `  default class: ${defaultClass ?? 'that of the cluster'}`,
    ...(limits.length === 0 ? [`  limits: none${hasObject ? '' : ' (a Project object of this name would hold them)'}`] : ['  limits:']),
    ...limits.map((limit) => `    ${limit.name}: ${limit.used ?? '?'} of ${limit.hard}`),
  ];
}
