import type { Project } from '../generated/definitions.ts';
import type { Namespace, StorageClass } from '../generated/kubernetes.ts';
import { allocationOf, projectOf } from './allocation.ts';

/** What is known of a project from all that names it. */
export interface ProjectSummary {
  readonly name: string;
  readonly displayName?: string | undefined;
  /** False where only labels name it. */
  readonly hasObject: boolean;
  readonly namespaces: readonly string[];
  /** Classes that are allocated to it by name. */
  readonly classes: readonly string[];
  readonly defaultClass?: string | undefined;
  readonly limits: readonly ProjectLimit[];
}

/** One limit of a project; `used` is absent before it was counted. */
export interface ProjectLimit {
  readonly name: string;
  readonly hard: string;
  readonly used?: string | undefined;
}

/** What projects are read from. */
export interface ProjectSources {
  readonly projects: readonly Project[];
  readonly namespaces: readonly Namespace[];
  readonly classes: readonly StorageClass[];
}

/** Every project that an object, a namespace or a class names, by name. Pure. */
export function summariseProjects({ projects, namespaces, classes }: ProjectSources): readonly ProjectSummary[] {
  const [members, allocated] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const { metadata } of namespaces) add(members, projectOf(metadata), metadata.name);
  for (const { metadata } of classes) {
    const allocation = allocationOf(metadata.labels);
    for (const project of allocation.kind === 'projects' ? allocation.projects : []) add(allocated, project, metadata.name);
  }
  const objects = new Map(projects.map((project) => [project.metadata.name, project]));
  const names = new Set([...objects.keys(), ...members.keys(), ...allocated.keys()]);
  names.delete('');
  return [...names].toSorted().map((name) => ({
    name,
    displayName: objects.get(name)?.spec?.displayName,
    hasObject: objects.has(name),
    namespaces: (members.get(name) ?? []).toSorted(),
    classes: (allocated.get(name) ?? []).toSorted(),
    defaultClass: objects.get(name)?.spec?.defaultStorageClassName,
    limits: limitsOf(objects.get(name)),
  }));
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

function limitsOf(project: Project | undefined): readonly ProjectLimit[] {
  const used = project?.status?.used;
  return Object.entries(project?.spec?.storageQuota?.hard ?? {}).map(([name, hard]) => ({
    name,
    hard: String(hard),
    used: used?.[name] === undefined ? undefined : String(used[name]),
  }));
}
