import { trusted } from '#kit/json.ts';
import { isConditionTrue } from '../../conditions.ts';
import type { Job, JobSpec, PodTemplateSpec } from '../../generated/kubernetes.ts';
import { formatDuration } from '../../meta/duration.ts';
import { required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateLabelSelector } from '../../meta/validate-label-selector.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { jobs } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withAbsent, withDefaults } from '../defaulting.ts';
import { containerColumns, selectorColumn } from './columns.ts';
import { validateJobSpec } from './job-spec.ts';
import { defaultPodTemplate, validateSelected } from './pod-template.ts';
import { templateWarnings } from '../pod-warnings.ts';

/** batch/v1 Job. */
export const jobKind: KindDefinition<Job> = {
  resource: jobs,
  schema: 'io.k8s.api.batch.v1.Job',
  subresources: ['status'],
  applyDefaults,
  prepareForCreate: (job) => ({ ...withTemplateLabels(withGeneratedSelector(job)), status: {} }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...(spec.selector === undefined ? [required('spec.selector')] : validateLabelSelector(spec.selector, 'spec.selector')),
    ...validateSelected(spec, 'spec.template'),
    ...validateJobSpec(spec, 'spec'),
  ],
  validateUpdate,
  warnings: (next, previous) => templateWarnings({ template: next.spec.template, field: 'spec.template' }, next, previous),
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  columns: [
    nameColumn(),
    column({ name: 'Status', description: 'Where the job stands, in one word.' }, statusText),
    column({ name: 'Completions', description: 'Pods that succeeded, of those that have to.' }, completionsText),
    column({ name: 'Duration', description: 'How long it ran, or has been running.' }, durationText),
    ageColumn(),
    ...containerColumns<Job>(({ spec }) => spec.template),
    selectorColumn(({ spec }) => spec.selector),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

/** How often pods may fail: where the job says nothing, and where each index has a limit of its own (batch/v1 defaults.go). */
const BACKOFF_LIMIT = 6;
const UNLIMITED = 2_147_483_647;

function applyDefaults(job: Job): Job {
  const given = withDefaults<JobSpec>(job.spec, {});
  const isSingle = given.completions === undefined && given.parallelism === undefined;
  const spec = withAbsent<JobSpec>(given, {
    ...(isSingle ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: given.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : UNLIMITED,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: given.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  return withTemplateLabels({ ...job, spec: { ...spec, template: defaultPodTemplate(spec.template), ...defaultFailurePolicy(spec) } });
}

/** A job without labels has those of its pods. */
function withTemplateLabels(job: Job): Job {
  const labels = job.spec.template.metadata?.labels ?? {};
  const takesLabels = Object.keys(job.metadata.labels ?? {}).length === 0 && Object.keys(labels).length > 0;
  return takesLabels ? { ...job, metadata: { ...job.metadata, labels } } : job;
}

function defaultFailurePolicy({ podFailurePolicy }: JobSpec): Pick<JobSpec, 'podFailurePolicy'> {
  if (podFailurePolicy?.rules === undefined) return podFailurePolicy === undefined ? {} : { podFailurePolicy };
  const rules = podFailurePolicy.rules.map((rule) =>
    rule.onPodConditions === undefined
      ? rule
      : { ...rule, onPodConditions: rule.onPodConditions.map((pattern) => withDefaults(pattern, { status: 'True' })) },
  );
  return { podFailurePolicy: { ...podFailurePolicy, rules } };
}

/** The label by which a job knows its pods. */
const UID_LABEL = 'batch.kubernetes.io/controller-uid';

/** A job selects its pods by its own uid, unless the user says how (registry/batch/job `generateSelector`). */
function withGeneratedSelector(job: Job): Job {
  const { spec, metadata } = job;
  if (spec.manualSelector === true) return job;
  const own = {
    [UID_LABEL]: metadata.uid,
    'batch.kubernetes.io/job-name': metadata.name,
    'controller-uid': metadata.uid,
    'job-name': metadata.name,
  };
  const { template } = spec;
  // why: the pod's name comes from the job, so a template's metadata needs none
  const templateMeta = { ...template.metadata, labels: { ...template.metadata?.labels, ...own } };
  // why: upstream gives a job without labels its template's very map, to which these are added then
  const isShared = metadata.labels !== undefined && metadata.labels === template.metadata?.labels;
  const selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [UID_LABEL]: metadata.uid } };
  return {
    ...job,
    metadata: isShared ? { ...metadata, labels: templateMeta.labels } : metadata,
    spec: { ...spec, selector, template: trusted<PodTemplateSpec>({ ...template, metadata: templateMeta }) },
  };
}

/** Batch validation `ValidateJobSpecUpdate`. */
function validateUpdate({ spec: next }: Job, { spec: previous }: Job): readonly FieldError[] {
  const isResized = next.completionMode === 'Indexed' && next.completions === next.parallelism;
  const isUnstarted = previous.suspend === true;
  const settled = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;
  return [
    ...(isResized ? [] : immutableField(next.completions, previous.completions, 'spec.completions')),
    ...settled.flatMap((field) => immutableField(next[field], previous[field], `spec.${field}`)),
    ...immutableField(isUnstarted ? withScheduling(next, previous) : next.template, previous.template, 'spec.template'),
  ];
}

/** A job that is suspended may still be told where its pods go; the rest of its template stays. */
function withScheduling({ template: next }: JobSpec, { template: previous }: JobSpec): PodTemplateSpec {
  if (next.spec === undefined || previous.spec === undefined) return next;
  const { nodeSelector, affinity, tolerations, schedulingGates } = previous.spec;
  const spec = { ...next.spec, nodeSelector, affinity, tolerations, schedulingGates };
  return { ...next, metadata: previous.metadata, spec };
}

function statusText({ metadata, status }: Job): string {
  const has = (type: string): boolean => isConditionTrue(status?.conditions, type);
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  const { completions, parallelism = 0 } = spec;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText({ status }: Job, nowMs: number): string {
  const { startTime, completionTime } = status ?? {};
  if (startTime === undefined) return '';
  return formatDuration((completionTime === undefined ? nowMs : Date.parse(completionTime)) - Date.parse(startTime));
}
