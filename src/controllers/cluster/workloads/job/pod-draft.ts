import type { Container, Job, Pod } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { nameBase, podFromTemplate } from '../pod-template.ts';
import { COMPLETION_INDEX } from './indexes.ts';
import { TRACKING } from './plan.ts';

/** What makes one pod of a job differ from the others. */
export interface JobPod {
  readonly suffix: string;
  /** For one that is numbered. */
  readonly index: number | undefined;
  /** How often its index has failed, where that is limited. */
  readonly counts: Readonly<Record<string, string>>;
}

/** The pod of a job (indexed_job_utils.go). Pure. */
export function jobPodDraft(job: Job, { suffix, index, counts }: JobPod): Draft<Pod> {
  const { metadata, spec } = job;
  if (index === undefined) {
    const generateName = nameBase(metadata.name);
    return podFromTemplate(job, spec.template, { name: `${generateName}${suffix}`, generateName, finalizers: [TRACKING] });
  }
  const generateName = nameBase(`${metadata.name}-${index}`);
  const mark = { [COMPLETION_INDEX]: String(index) };
  const draft = podFromTemplate(job, spec.template, {
    name: `${generateName}${suffix}`,
    generateName,
    labels: mark,
    annotations: { ...mark, ...counts },
    finalizers: [TRACKING],
  });
  const { containers, initContainers } = draft.spec;
  return {
    ...draft,
    spec: {
      ...draft.spec,
      hostname: `${metadata.name}-${index}`,
      containers: containers.map(withIndex),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndex) }),
    },
  };
}

const INDEX_ENV = 'JOB_COMPLETION_INDEX';

function withIndex(container: Container): Container {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === INDEX_ENV)) return container;
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${COMPLETION_INDEX}']` };
  return { ...container, env: [...env, { name: INDEX_ENV, valueFrom: { fieldRef } }] };
}
