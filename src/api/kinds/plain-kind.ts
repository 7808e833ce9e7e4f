import type { FieldError, KindDefinition } from '../meta/kind.ts';
import type { KubeObject } from '../meta/object.ts';

/** A kind without defaults, subresources and rules of its own; kinds spread it and say where they differ. */
export const PLAIN_KIND = {
  subresources: [],
  applyDefaults: <K extends KubeObject>(object: K): K => object,
  prepareForCreate: <K extends KubeObject>(object: K): K => object,
  validateUpdate: (): readonly FieldError[] => [],
  selectableFields: {},
  initialFinalizers: [],
  deletionGraceSec: () => 0,
} satisfies Partial<KindDefinition>;
