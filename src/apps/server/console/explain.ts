import { type Explanation, type Finding, tell, type ToldExplanation, wordsText } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { explain, type Explainable } from '#controllers/stowage/explain/explain.ts';
import type { Client } from '#machinery/client/client.ts';
import { ConsoleRequestRefused } from './errors.ts';

const KINDS: ReadonlyMap<string, Explainable> = new Map([
  ['pvc', 'claim'],
  ['pod', 'pod'],
  ['pv', 'volume'],
  ['storageclass', 'class'],
  ['node', 'node'],
  ['namespace', 'namespace'],
]);

/** An explanation and the same in English, for programs that know no codes. */
interface SentExplanation extends Explanation {
  readonly findings: readonly (Finding & { readonly text: string })[];
  readonly told: ToldExplanation;
}

/**
 * Why the object that `url` asks about (`?kind=pvc|pod|pv|storageclass|node|namespace&namespace=…&name=…`) is as it is, from what the client's user may see.
 * @throws ConsoleRequestRefused `RequestMalformed`; ApiError where he may not list something
 */
export async function explainFor(client: Client, url: string): Promise<SentExplanation> {
  const query = new URL(url, 'http://console').searchParams;
  const key: ObjectKey = { namespace: query.get('namespace') ?? '', name: query.get('name') ?? '' };
  const kind = KINDS.get(query.get('kind') ?? '');
  const isPlaced = key.namespace !== '' || (kind !== 'claim' && kind !== 'pod');
  if (kind === undefined || !isPlaced || key.name === '')
    throw new ConsoleRequestRefused(
      'RequestMalformed',
      `ask with kind (${[...KINDS.keys()].join(', ')}), namespace where it has one, and name`,
    );
  const explanation = await explain(client, kind, key);
  const findings = explanation.findings.map((finding) => ({ ...finding, text: wordsText(finding.words, 'en') }));
  return { ...explanation, findings, told: tell(explanation, 'en') };
}
