import { type Explanation, type Finding, tell, type ToldExplanation, wordsText, words } from '#api/explanation.ts';
import type { Explainer } from '#controllers/stowage/explain/explain.ts';
import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';
import { askedName, parseQuestion } from '#controllers/stowage/explain/questions.ts';
import type { Waiting } from '#controllers/stowage/explain/waiting-objects.ts';
import type { Client } from '#machinery/client/client.ts';
import { ConsoleRequestRefused } from './errors.ts';

/** An explanation and the same in English, for programs that know no codes. */
interface SentExplanation extends Explanation {
  readonly findings: readonly (Finding & { readonly text: string })[];
  readonly told: ToldExplanation;
}

/** Who asks what, and who answers. */
export interface Asked {
  /** The API as the user may use it. */
  readonly client: Client;
  readonly explainer: Explainer;
  /** What can be asked about. */
  readonly kinds: readonly ExplainedKind[];
  /** Of the request. */
  readonly url: string;
}

/** Why the object that the URL asks about is as it is, from what the user may see. @throws ConsoleRequestRefused `RequestMalformed`; ApiError where he may not list something */
export async function explainFor({ client, explainer, kinds, url }: Asked): Promise<SentExplanation> {
  const question = await parseQuestion(queryOf(url), kinds);
  if (question === undefined)
    throw new ConsoleRequestRefused('RequestMalformed', words('questionMalformed', { kinds: kinds.map(askedName).join(', ') }));
  const explanation = await explainer.explain(client, question.explainer, question.key);
  const findings = explanation.findings.map((finding) => ({ ...finding, text: wordsText(finding.words, 'en') }));
  return { ...explanation, findings, told: tell(explanation, 'en') };
}

/** All that waits in the namespace that the URL names, else in all, from what the user may see. @throws ApiError where he may not list something */
export function whatWaitsFor({ client, explainer, url }: Asked): Promise<Waiting> {
  return explainer.whatWaits(client, queryOf(url).get('namespace') ?? '');
}

function queryOf(url: string): URLSearchParams {
  return new URL(url, 'http://console').searchParams;
}
