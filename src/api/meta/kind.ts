import type { KubeObject } from './object.ts';
import type { Resource } from './resource.ts';

/** One fault of an object, as upstream's `field.Error`: it becomes a cause of the 422 answer. */
export interface FieldError {
  /** For example `spec.accessModes`, `spec.containers[0].name`. */
  readonly field: string;
  /** The first words of the message are upstream's: `Required value`, `Invalid value: "x"`, `Unsupported value: "x"`, `Forbidden`, `Duplicate value: "x"`, `Too long`, `Too many`. */
  readonly type: 'Required' | 'Invalid' | 'TypeInvalid' | 'TooMany' | 'NotSupported' | 'Forbidden' | 'Duplicate' | 'TooLong' | 'NotFound';
  /** The offending value; left out for Required and Forbidden. */
  readonly value?: unknown;
  /** What is allowed, or how to mend it. */
  readonly detail: string;
}

/** What rules say of an object. */
export interface RuleVerdict {
  readonly faults: readonly FieldError[];
  /** Rules that it breaks as before: told, not refused. */
  readonly warnings: readonly FieldError[];
}

/** The schema that a user gave a kind, in place of a definition of the facts. */
export interface OwnSchema {
  /** A body without what the schema does not know; `errors` are faults of form, after which the rest means nothing. */
  readonly read: (body: unknown) => { readonly errors: readonly string[]; readonly unknown: readonly string[]; readonly object: unknown };
  /** The schema of an object as OpenAPI v3 has it. */
  readonly openApi: () => Readonly<Record<string, unknown>>;
  /** Faults by the rules that a definition gives (CEL), beside those of `validate`; `previous` is undefined for a new object. Absent where there are none. */
  readonly checkRules?: (next: KubeObject, previous: KubeObject | undefined) => RuleVerdict;
}

/** Members on the way to what `autoscaling/v1` Scale shows; the selector is a text or a `LabelSelector`. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly labelSelector?: readonly string[];
  /** `labels`: the selector is the map of labels itself. Absent = a LabelSelector, or a text. */
  readonly selectorForm?: 'labels';
}

/** A column of the table that kubectl prints. */
export interface TableColumn<K extends KubeObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'date' | 'boolean';
  readonly description: string;
  /** 0 = always, 1 = with `-o wide`. */
  readonly priority: 0 | 1;
  /** `nowMs`: the server's time, for ages. Null = nothing to show. */
  readonly value: (object: K, nowMs: number) => string | number | bigint | boolean | null;
}

/** What the server must know of a kind beside its schema. All functions are pure; objects are plain JSON and may be returned changed as copies. */
export interface KindDefinition<K extends KubeObject = KubeObject> {
  readonly resource: Resource<K>;
  /** The name of its definition in the schema facts, for example `io.k8s.api.core.v1.Pod`. */
  readonly schema: string;
  /** The schema of a kind that a CustomResourceDefinition describes; `schema` is then only its name in OpenAPI. */
  readonly own?: OwnSchema;
  /** The object as this version shows it, from its stored form; absent where both are always the same. */
  readonly fromStored?: (stored: K) => K;
  /** Objects that were written after this revision are shown as they are stored; absent where `fromStored` is for all. */
  readonly shownAsStoredAfter?: number;
  /** What users of the kind are told because this version is on its way out; absent where it is not. */
  readonly deprecation?: string;
  /** The resource whose stored objects these are, shown in other words; absent for a resource of its own. */
  readonly storedWith?: Resource;
  /** The form in which an object is stored; absent where it is the same. */
  readonly toStored?: (object: K) => K;
  /** Subresources: `status` makes ordinary updates ignore `.status` and the subresource ignore everything else. */
  readonly subresources: readonly (
    | 'status'
    | 'log'
    | 'finalize'
    | 'binding'
    | 'token'
    | 'scale'
    | 'eviction'
    | 'exec'
    | 'attach'
    | 'portforward'
    | 'proxy'
    | 'ephemeralcontainers'
  )[];
  /** Verbs that upstream does not serve for the kind either; absent where all are served. */
  readonly unservedVerbs?: readonly 'deletecollection'[];
  /** Where the scale subresource finds its numbers; absent where there is none. */
  readonly scale?: ScalePaths;
  /** Fills defaults of a new or changed object. */
  readonly applyDefaults: (object: K) => K;
  /** Fields that clients can't set on creation (status, phases). */
  readonly prepareForCreate: (object: K) => K;
  /** Fields that ordinary updates (not those of a subresource) can't change and that keep their value without a fault; absent where a kind has none. */
  readonly prepareForUpdate?: (next: K, previous: K) => K;
  /** True where an update must say from which state it was made (strategy `AllowUnconditionalUpdate` false). */
  readonly needsVersionForUpdate?: boolean;
  /** Metadata that an update of the status leaves as it was; absent where it may change all that an ordinary update may. */
  readonly metadataKeptByStatus?: 'all' | readonly ('labels' | 'ownerReferences')[];
  /** Faults of an object by itself, its metadata included; `previous` is absent for a new one. */
  readonly validate: (object: K, previous?: K) => readonly FieldError[];
  /** Faults of a change beside its metadata (`validateMetadataUpdate`), made through the object or a subresource; called after `validate` passed on the new object. */
  readonly validateUpdate: (next: K, previous: K, subresource?: string) => readonly FieldError[];
  /** What is let through though it hardly is what was meant; absent where a kind has nothing to say. */
  readonly warnings?: (next: K, previous: K | undefined) => readonly string[];
  /** Values that field selectors may name beside metadata.name and metadata.namespace. */
  readonly selectableFields: Readonly<Record<string, (object: K) => string>>;
  readonly columns: readonly TableColumn<K>[];
  /** Finalizers that the server adds on creation (StorageObjectInUseProtection). */
  readonly initialFinalizers: readonly string[];
  /** True where the answer to a deletion that is complete is the object as it was last, not a Status (`ReturnDeletedObject` of upstream's stores). */
  readonly answersDeletedObject?: boolean;
  /** Grace period of a deletion in seconds where the client names none; 0 = gone at once (unless finalizers hold it). Only pods have one. */
  readonly deletionGraceSec: (object: K) => number;
}
