import type { Explanation } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Cluster } from './cluster.ts';
import type { SightOptions } from './sight.ts';

/** A kind that can be asked about, by its names alone: what it takes to answer is loaded when somebody asks. */
export interface ExplainedKind {
  /** As command lines have it and complete it: `pvc`. */
  readonly type: string;
  /** What else kubectl calls it. */
  readonly aliases: readonly string[];
  /** What questions to a running platform call it; absent = `type`. */
  readonly asked?: string;
  readonly load: () => Promise<KindExplainer>;
}

/** How objects of a kind are explained. */
export interface KindExplainer {
  readonly resource: Resource;
  /** Why the object is as it is. @throws ApiError where the user may not list what it takes */
  readonly explain: (key: ObjectKey, asked: AskedBy) => Promise<Explanation>;
}

/** Who asks: what is looked at, is looked at as him. */
export interface AskedBy {
  /** The API as he may use it, for what `see` does not show. */
  readonly client: Client;
  /** What he may see of claims, pods, volumes and all that decides over them, without a list where informers hold it. @throws ApiError where he may not list what it takes */
  readonly see: (options: SightOptions) => Promise<Cluster>;
}
