import type { LabelSelector, PodTemplateSpec } from '../../generated/kubernetes.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { labelRequirementsOf, matchesLabels } from '../../meta/selector.ts';
import { validateLabelSelector } from '../../meta/validate-label-selector.ts';
import { validateAnnotations, validateLabels } from '../../meta/validate-labels.ts';
import { validateAppArmorAnnotations } from '../pod-app-armor.ts';
import { defaultPodSpec } from '../pod-defaults.ts';
import { validatePodSpec } from '../pod-validation.ts';

/** A pod template with the defaults of pods. */
export function defaultPodTemplate(template: PodTemplateSpec | undefined): PodTemplateSpec {
  return { ...template, spec: defaultPodSpec(template?.spec) };
}

/** Faults of a pod template at `field` (core validation `ValidatePodTemplateSpec`). */
export function validatePodTemplate({ metadata, spec }: PodTemplateSpec, field: string): readonly FieldError[] {
  const faults = [
    ...validateLabels(metadata?.labels, `${field}.labels`),
    ...validateAnnotations(metadata?.annotations, `${field}.annotations`),
  ];
  if (spec === undefined) return [...faults, required(`${field}.spec.containers`)];
  const isDebugged = (spec.ephemeralContainers ?? []).length > 0;
  return [
    ...faults,
    ...validateAppArmorAnnotations(metadata?.annotations, spec, `${field}.annotations`),
    ...validatePodSpec(spec, `${field}.spec`),
    ...(isDebugged ? [forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')] : []),
  ];
}

/** What a workload says of its pods. */
export interface PodSet {
  readonly selector?: LabelSelector | undefined;
  readonly template: PodTemplateSpec;
}

/** The words for a kind in upstream's messages: `deployment` for selectors, `ReplicaSet` for pods that a kind can't have. */
export interface WorkloadWords {
  readonly selector: string;
  readonly pods: string;
}

/** Faults of selector and template of a kind whose pods always run (apps validation). */
export function validatePodSet({ selector, template }: PodSet, words: WorkloadWords): readonly FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {};
  return [
    ...validateSelector(selector, words),
    ...validateSelected({ selector, template }, 'spec.template'),
    ...validatePodTemplate(template, 'spec.template'),
    ...(restartPolicy === 'Always' ? [] : [notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${words.pods} is not Supported`)]),
  ];
}

function validateSelector(selector: LabelSelector | undefined, words: WorkloadWords): readonly FieldError[] {
  if (selector === undefined) return [required('spec.selector')];
  const faults = validateLabelSelector(selector, 'spec.selector');
  return isEmpty(selector) ? [...faults, invalid('spec.selector', selector, `empty selector is invalid for ${words.selector}`)] : faults;
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0;
}

/** A fault where the selector does not select the pods of its own template at `field`; none at all selects nothing. */
export function validateSelected({ selector, template }: PodSet, field: string): readonly FieldError[] {
  const requirements = selector === undefined ? undefined : labelRequirementsOf(selector);
  // why: what is wrong with a selector that can't be read is said already
  if (requirements?.ok === false) return [];
  const labels = template.metadata?.labels;
  if (requirements !== undefined && matchesLabels(requirements.value, labels)) return [];
  return [invalid(`${field}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`')];
}
