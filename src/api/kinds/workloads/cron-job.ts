import type { CronJob, CronJobSpec, JobSpec, JobTemplateSpec } from '../../generated/kubernetes.ts';
import { checkCronSchedule } from '../../meta/cron-schedule.ts';
import { formatAge } from '../../meta/duration.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain, type NameRule } from '../../meta/validate-name.ts';
import { validateNonNegative } from '../../meta/validate-numbers.ts';
import { cronJobs } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { containerColumns, selectorColumn } from './columns.ts';
import { validateJobSpec } from './job-spec.ts';
import { defaultPodTemplate } from './pod-template.ts';
import { templateWarnings } from '../pod-warnings.ts';

const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];
/** Longest name, in characters: its jobs put eleven behind it and have to stay a DNS label of 63 (batch validation). */
const MAX_NAME = 52;

/** batch/v1 CronJob. */
export const cronJobKind: KindDefinition<CronJob> = {
  resource: cronJobs,
  schema: 'io.k8s.api.batch.v1.CronJob',
  subresources: ['status'],
  applyDefaults,
  prepareForCreate: (cronJob) => ({ ...cronJob, status: {} }),
  validate: ({ metadata, spec }) => [...validateMetadata(metadata, { isNamespaced: true, name: cronJobName }), ...validateSpec(spec)],
  validateUpdate: () => [],
  warnings: (next, previous) =>
    templateWarnings({ template: next.spec.jobTemplate.spec?.template, field: 'spec.jobTemplate.spec.template' }, next, previous),
  selectableFields: {},
  columns: [
    nameColumn(),
    column({ name: 'Schedule', description: 'When it runs, in the five fields of cron.' }, ({ spec }) => spec.schedule),
    column({ name: 'Timezone', description: 'The time zone of the schedule.' }, ({ spec }) => spec.timeZone ?? NONE),
    column({ name: 'Suspend', description: 'Whether it is told to start nothing.' }, ({ spec }) =>
      spec.suspend === true ? 'True' : 'False',
    ),
    column({ name: 'Active', type: 'integer', description: 'Jobs of it that run now.' }, ({ status }) => (status?.active ?? []).length),
    column({ name: 'Last Schedule', description: 'How long ago it last started a job.' }, ({ status }, nowMs) =>
      status?.lastScheduleTime === undefined ? NONE : formatAge(status.lastScheduleTime, nowMs),
    ),
    ageColumn(),
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec?.template ?? {}),
    selectorColumn(({ spec }) => spec.jobTemplate.spec?.selector),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

const cronJobName: NameRule = (name) =>
  name.length > MAX_NAME ? [...dns1123Subdomain(name), `must be no more than ${MAX_NAME} characters`] : dns1123Subdomain(name);

function applyDefaults(cronJob: CronJob): CronJob {
  const spec = withDefaults<CronJobSpec>(cronJob.spec, {
    schedule: '',
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  const jobTemplate: JobTemplateSpec = spec.jobTemplate ?? {};
  const jobSpec = withDefaults<JobSpec>(jobTemplate.spec, {});
  return {
    ...cronJob,
    spec: { ...spec, jobTemplate: { ...jobTemplate, spec: { ...jobSpec, template: defaultPodTemplate(jobSpec.template) } } },
  };
}

/** Batch validation `ValidateCronJobSpec`. */
function validateSpec(spec: CronJobSpec): readonly FieldError[] {
  const { startingDeadlineSeconds, successfulJobsHistoryLimit, failedJobsHistoryLimit, concurrencyPolicy } = spec;
  return [
    ...validateSchedule(spec.schedule),
    ...validateNonNegative({ startingDeadlineSeconds }, 'spec'),
    ...validateTimeZone(spec.timeZone),
    ...(CONCURRENCY.includes(concurrencyPolicy ?? '') ? [] : [notSupported('spec.concurrencyPolicy', concurrencyPolicy, CONCURRENCY)]),
    ...validateJobTemplate(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
    ...validateNonNegative({ successfulJobsHistoryLimit, failedJobsHistoryLimit }, 'spec'),
  ];
}

function validateSchedule(schedule: string): readonly FieldError[] {
  if (schedule === '') return [required('spec.schedule')];
  if (schedule.includes('TZ'))
    return [invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  const checked = checkCronSchedule(schedule);
  return checked.ok ? [] : [invalid('spec.schedule', schedule, checked.error)];
}

function validateTimeZone(timeZone: string | undefined): readonly FieldError[] {
  if (timeZone === undefined) return [];
  if (timeZone === '') return [invalid('spec.timeZone', timeZone, 'must be nil or non-empty string')];
  if (timeZone.toLowerCase() === 'local')
    return [invalid('spec.timeZone', timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  return isTimeZone(timeZone) ? [] : [invalid('spec.timeZone', timeZone, `unknown time zone ${timeZone}`)];
}

function isTimeZone(name: string): boolean {
  // why: offsets such as +02:00 are no names, though JavaScript takes them
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    // why: a RangeError is how JavaScript says that it knows no such zone
    return false;
  }
}

function validateJobTemplate(spec: JobSpec | undefined, field: string): readonly FieldError[] {
  if (spec === undefined) return [required(field)];
  const faults = [...validateJobSpec(spec, field)];
  if (spec.manualSelector === true) faults.push(notSupported(`${field}.manualSelector`, true, ['nil', 'false']));
  if (spec.selector !== undefined) faults.push(invalid(`${field}.selector`, spec.selector, '`selector` will be auto-generated'));
  return faults;
}
