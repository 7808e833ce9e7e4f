import { type Explanation, isExplanation } from '#api/explanation.ts';
import { listingExplainer } from '#controllers/stowage/explain/explain.ts';
import { isWaiting, type Question, questionPath, WAITING_PATH } from '#controllers/stowage/explain/questions.ts';
import type { Waiting } from '#controllers/stowage/explain/waiting-objects.ts';
import { isApiError } from '#machinery/client/api-error.ts';
import type { HttpClient } from '#machinery/client/http-client.ts';
import { ApiUnreachable } from '#machinery/client/transport.ts';

/** Why the object is as it is: the running platform is asked, which knows; where the API is that of another cluster, it is listed. @throws ApiError where the user may not list what it takes */
export async function askWhy(client: HttpClient, question: Question): Promise<Explanation> {
  const answer = await ask(client, questionPath(question));
  return isExplanation(answer) ? answer : listingExplainer.explain(client, await question.kind.load(), question.key);
}

/** All that waits, in one namespace or (`''`) in all; asked for as by {@link askWhy}. @throws ApiError where the user may not list what it takes */
export async function askWhatWaits(client: HttpClient, namespace: string): Promise<Waiting> {
  const answer = await ask(client, `${WAITING_PATH}?${new URLSearchParams({ namespace }).toString()}`);
  return isWaiting(answer) ? answer : listingExplainer.whatWaits(client, namespace);
}

/** Undefined where nobody answers that: what is wrong with the API or with the user's rights is then told by the lists, in the API's words. */
async function ask(client: HttpClient, path: string): Promise<unknown> {
  try {
    return await client.read(path);
  } catch (thrown) {
    if (isApiError(thrown) || thrown instanceof ApiUnreachable) return undefined;
    throw thrown;
  }
}
