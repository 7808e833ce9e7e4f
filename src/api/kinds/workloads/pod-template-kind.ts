import type { PodTemplate } from '../../generated/kubernetes.ts';
import { formatLabels } from '../../meta/format-selector.ts';
import type { KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { podTemplates } from '../../resources.ts';
import { column, nameColumn, NONE } from '../columns.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { containerColumns } from './columns.ts';
import { defaultPodTemplate, validatePodTemplate } from './pod-template.ts';

/** core/v1 PodTemplate. */
export const podTemplateKind: KindDefinition<PodTemplate> = {
  ...PLAIN_KIND,
  resource: podTemplates,
  schema: 'io.k8s.api.core.v1.PodTemplate',
  applyDefaults: (object) => ({ ...object, template: defaultPodTemplate(object.template) }),
  validate: ({ metadata, template }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validatePodTemplate(template ?? {}, 'template'),
  ],
  columns: [
    nameColumn(),
    // why: this is the one kind whose containers are shown without -o wide
    ...containerColumns<PodTemplate>(({ template }) => template ?? {}).map((shown) => ({ ...shown, priority: 0 as const })),
    column({ name: 'Pod Labels', description: 'Labels of the pods made from it.' }, ({ template }) => {
      const text = formatLabels(template?.metadata?.labels);
      return text === '' ? NONE : text;
    }),
  ],
};
