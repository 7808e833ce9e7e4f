import { deepFreeze } from '#kit/json.ts';
import type { ServerContext } from '../contract/context.ts';
import { asObject, storedForm, type AnyObject } from '../objects/json-object.ts';
import { servedEntry, servedObject } from '../objects/served-entry.ts';
import { storeKeyOf, type WriteRequest } from '../contract/request.ts';
import { conflict, MODIFIED, notFound } from '../contract/status-error.ts';
import { type Written, writtenEntry } from './written.ts';
import type { Decision, Entry } from '../../store/store.ts';

/** What is to become of an object. */
export type Plan =
  | {
      readonly action: 'put';
      readonly object: AnyObject;
      /** Called inside the store's decision; its answer when the write ended. */ readonly onDecided?: () => () => void;
    }
  /** Gone; `object` is its last state. */
  | { readonly action: 'delete'; readonly object: AnyObject }
  | { readonly action: 'keep' };

/** How often a change is planned anew because somebody else (a deletion and creation of the same name) wrote in between. */
const ATTEMPTS = 10;

/**
 * Reads an object, plans its change (which may wait for admission), and stores the plan only if nobody wrote in between; else plans anew.
 * @throws ApiError `NotFound`; `Aborted` when others kept writing; what `plan` throws
 */
export function changeObject(ctx: ServerContext, request: WriteRequest, plan: (current: AnyObject) => Promise<Plan>): Promise<Written> {
  const { resource, namespace, name } = storeKeyOf(request);
  // why: changes of one object run one after the other, else many at once would overrun each other and plan in vain
  return ctx.changes.run(`${resource}/${namespace}/${name}`, () => changeInTurn(ctx, request, plan));
}

async function changeInTurn(ctx: ServerContext, request: WriteRequest, plan: (current: AnyObject) => Promise<Plan>): Promise<Written> {
  const key = storeKeyOf(request);
  let current = ctx.store.get(key);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (current === undefined) throw notFound(request.kind.resource, request.name);
    const planned = await plan(asObject(servedEntry(request.kind, current).object));
    if (planned.action === 'keep') return writtenEntry(servedEntry(request.kind, current));
    if (request.isDryRun) return { object: servedObject(request.kind, planned.object) };
    const outcome = await storePlan(ctx, request, { planned, current });
    if ('written' in outcome) return outcome.written;
    current = outcome.newest;
  }
  throw conflict(request.kind.resource, request.name, MODIFIED);
}

type Stored = { readonly written: Written } | { readonly newest: Entry | undefined };

async function storePlan(
  ctx: ServerContext,
  request: WriteRequest,
  step: { planned: Exclude<Plan, { action: 'keep' }>; current: Entry },
): Promise<Stored> {
  const { planned, current } = step;
  let newest: Entry | undefined;
  let isOverrun = false;
  let onEnd: (() => void) | undefined;
  try {
    const decide = (latest: Entry | undefined): Decision => {
      newest = latest;
      isOverrun = latest?.revision !== current.revision;
      if (isOverrun) return { action: 'keep' };
      if (planned.action === 'delete') return { action: 'delete' };
      onEnd = planned.onDecided?.();
      return { action: 'put', object: storedForm(request.kind, planned.object) };
    };
    const entry = await ctx.store.write(storeKeyOf(request), decide, { canWait: request.canWait });
    if (isOverrun || entry === undefined) return { newest };
    // why not the entry: it is the last stored state, with the finalizers that this very write took off
    return { written: planned.action === 'delete' ? lastState(planned.object, entry) : writtenEntry(servedEntry(request.kind, entry)) };
  } finally {
    onEnd?.();
  }
}

function lastState(object: AnyObject, { revision }: Entry): Written {
  return { object: deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }) };
}
