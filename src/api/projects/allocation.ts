/** Label of a namespace: the project that it is in. */
export const PROJECT_LABEL = 'cpaas.io/project';
/** What labels of classes about projects begin with (requirement CLASS-10). */
const PREFIX = 'project.cpaas.io/';
/** Label of a class for all projects. */
export const ALL_PROJECTS_LABEL = `${PREFIX}ALL_ALL`;
/** Label of a class for the one project that is its value. */
export const NAME_LABEL = `${PREFIX}name`;
/** The project of the platform's own namespaces; they may use every class, lest the platform locks itself out. */
export const SYSTEM_PROJECT = 'cpaas-system';

type Labels = Readonly<Record<string, string>> | undefined;

/** Which namespaces may use a class. */
export type Allocation =
  /** No word about projects: a plain class of Kubernetes. */
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'allProjects' }
  /** Those of these projects, by name and each once; empty = nobody yet. */
  | { readonly kind: 'projects'; readonly projects: readonly string[] };

/** What was read of labels, as long as they live: each claim asks what those of its class say. */
const READ = new WeakMap<object, Allocation>();
const EVERYWHERE: Allocation = { kind: 'everywhere' };

/** What the labels of a class say about projects. Pure. */
export function allocationOf(labels: Labels): Allocation {
  if (labels === undefined) return EVERYWHERE;
  const known = READ.get(labels);
  if (known !== undefined) return known;
  const allocation = readAllocation(labels);
  READ.set(labels, allocation);
  return allocation;
}

function readAllocation(labels: Readonly<Record<string, string>>): Allocation {
  const said = Object.entries(labels).filter(([label]) => label.startsWith(PREFIX));
  if (said.length === 0) return EVERYWHERE;
  if (said.some(([label, value]) => label === ALL_PROJECTS_LABEL && value === 'true')) return { kind: 'allProjects' };
  const projects = said.flatMap(([label, value]) => {
    if (label === NAME_LABEL) return value === '' ? [] : [value];
    return value === 'true' ? [label.slice(PREFIX.length)] : [];
  });
  return { kind: 'projects', projects: [...new Set(projects)].toSorted() };
}

/** The label that gives a class to a project. Pure. */
export function allocationLabel(project: string): string {
  return `${PREFIX}${project}`;
}

/** A namespace, as far as projects go. */
export interface ProjectMember {
  readonly name: string;
  readonly labels?: Labels;
}

/** The project of a namespace; '' where it is in none. Pure. */
export function projectOf({ labels }: ProjectMember): string {
  return labels?.[PROJECT_LABEL] ?? '';
}

/** True for namespaces of the cluster and of the platform itself. Pure. */
export function isSystemNamespace(namespace: ProjectMember): boolean {
  return namespace.name.startsWith('kube-') || projectOf(namespace) === SYSTEM_PROJECT;
}

/** True where the namespace may use a class that is allocated so. Pure. */
export function mayUse(allocation: Allocation, namespace: ProjectMember): boolean {
  if (allocation.kind !== 'projects' || isSystemNamespace(namespace)) return true;
  const project = projectOf(namespace);
  return project !== '' && allocation.projects.includes(project);
}

/** Why the namespace may not use a class, and what helps; undefined where it may. `kind` as in messages: storageclass, bucketclass. Pure. */
export function whyNotAllocated(
  allocation: Allocation,
  namespace: ProjectMember,
  { kind, name }: { readonly kind: string; readonly name: string },
): string | undefined {
  if (allocation.kind !== 'projects' || mayUse(allocation, namespace)) return undefined;
  const project = projectOf(namespace);
  const place = `namespace ${JSON.stringify(namespace.name)} is in ${project === '' ? 'no project' : `project ${JSON.stringify(project)}`}`;
  const remedy =
    project === ''
      ? `put the namespace into one of them (label ${PROJECT_LABEL}), or use another ${kind}`
      : `use another ${kind}, or have an administrator label it ${allocationLabel(project)}=true`;
  return `${kind} ${JSON.stringify(name)} is allocated to ${formatProjects(allocation.projects)}: ${place}; ${remedy}`;
}

function formatProjects(projects: readonly string[]): string {
  const [first, ...others] = projects;
  if (first === undefined) return 'no project yet';
  return others.length === 0 ? `the project ${first}` : `the projects ${projects.join(', ')}`;
}
