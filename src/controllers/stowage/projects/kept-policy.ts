import { type Draft, formatKey, type KubeObject, type ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Controller, type Ctx, done, type Outcome, trigger, type Trigger } from '#machinery/runtime/controller.ts';

/** An object that says what it is for in its spec. */
type Specified = KubeObject & { readonly spec?: object | undefined };

/** A kind of policies and the informer of it. */
interface Kept<K extends Specified> {
  readonly resource: Resource<K>;
  readonly informer: Informer<K>;
}

/** A policy of the cluster that follows other objects. */
export interface KeptPolicy<P extends Specified, B extends Specified> {
  /** Of the controller. */
  readonly name: string;
  /** Of the policy and of its binding. */
  readonly policyName: string;
  readonly policies: Kept<P>;
  readonly bindings: Kept<B>;
  /** What both are to be. */
  readonly wanted: () => { readonly policy: Draft<P>; readonly binding: Draft<B> };
  /** False while there is nothing to say: no policy is made then. */
  readonly isNeeded: () => boolean;
  /** Makes it looked at again, by the key that it is given. */
  readonly follow: (key: string) => readonly Trigger[];
}

/**
 * Keeps a policy of the cluster and its binding as they are to be, and sets right what somebody changed of them. There is none until it is needed; from then
 * on it is changed in place and never deleted, so that no moment is without it.
 */
export function createPolicyController<P extends Specified, B extends Specified>(kept: KeptPolicy<P, B>): Controller<P> {
  const { policyName, policies, bindings } = kept;
  const name = { namespace: '', name: policyName };
  const key = formatKey(name);
  const ensure = async ({ client }: Ctx): Promise<Outcome> => {
    if (policies.informer.get(name) === undefined && !kept.isNeeded()) return done;
    const { policy, binding } = kept.wanted();
    await ensureSpec(client, policies, { key: name, draft: policy });
    await ensureSpec(client, bindings, { key: name, draft: binding });
    return done;
  };
  return {
    name: kept.name,
    resource: policies.resource,
    informer: policies.informer,
    triggers: [...kept.follow(key), trigger(bindings.informer, ({ metadata }) => (metadata.name === policyName ? [key] : []))],
    concurrency: 1,
    concerns: ({ metadata }) => metadata.name === policyName,
    reconcile: ensure,
    reconcileGone: (ctx, gone) => (gone === key ? ensure(ctx) : Promise.resolve(done)),
  };
}

async function ensureSpec<K extends Specified>(
  client: Client,
  { resource, informer }: Kept<K>,
  { key, draft }: { readonly key: ObjectKey; readonly draft: Draft<K> },
): Promise<void> {
  const known = informer.get(key);
  if (known === undefined) await client.create(resource, draft);
  // why the whole spec: what somebody added to it narrows what it is for
  else if (!deepEqual(known.spec, draft.spec)) await client.update(resource, { ...known, spec: draft.spec });
}
