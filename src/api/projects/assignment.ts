import { allocationLabel, allocationOf, ALL_PROJECTS_LABEL, NAME_LABEL, PROJECT_LABEL } from './allocation.ts';

/** What can be given to a project: a namespace, or a class of volumes or buckets. */
export interface Assignable {
  readonly type: 'namespace' | 'class';
  /** As messages name it: `storageclass "fast"`. */
  readonly title: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A change of labels, null = the label goes, and what it means. */
export interface LabelChange {
  readonly labels: Readonly<Record<string, string | null>>;
  /** For people, one sentence each. */
  readonly means: readonly string[];
}

/** What gives `object` to the project; no labels where it has it already. Pure. */
export function planAssigning(object: Assignable, project: string): LabelChange {
  return object.type === 'namespace' ? joining(object, project) : allocating(object, project);
}

/** What takes `object` from the project; no labels where the project does not have it. Pure. */
export function planUnassigning(object: Assignable, project: string): LabelChange {
  return object.type === 'namespace' ? leaving(object, project) : withdrawing(object, project);
}

function joining({ title, labels = {} }: Assignable, project: string): LabelChange {
  const before = labels[PROJECT_LABEL] ?? '';
  if (before === project) return nothing(`${title} is in project ${project} already`);
  const means = before === '' ? `${title} joins project ${project}` : `${title} goes from project ${before} to project ${project}`;
  return { labels: { [PROJECT_LABEL]: project }, means: [`${means}; its claims count there`] };
}

function allocating({ title, labels }: Assignable, project: string): LabelChange {
  const allocation = allocationOf(labels);
  if (allocation.kind === 'allProjects') return nothing(`${title} is for all projects already`);
  if (allocation.kind === 'projects' && allocation.projects.includes(project)) return nothing(`project ${project} has ${title} already`);
  const narrowed = `everybody could use ${title}; from now on only project ${project} may, and claims that have it keep it`;
  return {
    labels: { [allocationLabel(project)]: 'true' },
    means: [allocation.kind === 'everywhere' ? narrowed : `project ${project} may use ${title}`],
  };
}

function leaving({ title, labels = {} }: Assignable, project: string): LabelChange {
  const before = labels[PROJECT_LABEL] ?? '';
  if (before !== project) return nothing(`${title} is ${before === '' ? 'in no project' : `in project ${before}`}`);
  return { labels: { [PROJECT_LABEL]: null }, means: [`${title} is in no project any more; claims that are there stay`] };
}

function withdrawing({ title, labels = {} }: Assignable, project: string): LabelChange {
  const allocation = allocationOf(labels);
  if (allocation.kind === 'everywhere') return nothing(`${title} says nothing of projects: everybody may use it`);
  if (allocation.kind === 'allProjects') return nothing(`${title} is for all projects: take its label ${ALL_PROJECTS_LABEL} off first`);
  if (!allocation.projects.includes(project)) return nothing(`${title} is not allocated to project ${project}`);
  const rest = allocation.projects.filter((name) => name !== project);
  const left = rest.length === 0 ? `nobody may use ${title} any more` : `${title} is left to ${rest.join(', ')}`;
  return { labels: withoutProject(labels, { project, rest }), means: [`${left}; claims that have it keep it`] };
}

function withoutProject(
  labels: Readonly<Record<string, string>>,
  { project, rest }: { readonly project: string; readonly rest: readonly string[] },
): LabelChange['labels'] {
  const label = allocationLabel(project);
  return {
    ...(Object.hasOwn(labels, label) ? { [label]: null } : {}),
    // why an empty one: without any label about projects everybody could use it
    ...(rest.length === 0 || labels[NAME_LABEL] === project ? { [NAME_LABEL]: '' } : {}),
  };
}

function nothing(why: string): LabelChange {
  return { labels: {}, means: [`${why}: nothing is changed`] };
}
