import type { Explanation } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { explain, type Explainable } from '#controllers/stowage/explain/explain.ts';
import type { Client } from '#machinery/client/client.ts';
import { ConsoleRequestRefused } from './errors.ts';

const KINDS: ReadonlyMap<string, Explainable> = new Map([
  ['pvc', 'claim'],
  ['pod', 'pod'],
]);

/**
 * Why the object that `url` asks about (`?kind=pvc|pod&namespace=…&name=…`) is as it is, from what the client's user may see.
 * @throws ConsoleRequestRefused `RequestMalformed`; ApiError where he may not list something
 */
export async function explainFor(client: Client, url: string): Promise<Explanation> {
  const query = new URL(url, 'http://console').searchParams;
  const key: ObjectKey = { namespace: query.get('namespace') ?? '', name: query.get('name') ?? '' };
  const kind = KINDS.get(query.get('kind') ?? '');
  if (kind === undefined || key.namespace === '' || key.name === '')
    throw new ConsoleRequestRefused('RequestMalformed', 'ask with kind=pvc or kind=pod, namespace and name');
  return explain(client, kind, key);
}
