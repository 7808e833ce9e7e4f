import type { ScaleChange } from '../verbs/scale.ts';
import type { ApiRequest } from '../contract/request.ts';
import { badRequest } from '../contract/status-error.ts';
import type { HandlerContext } from './handler-context.ts';
import type { Exchange } from './messages.ts';
import { applyOptions } from './query.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import { isApply, readApplied, readJsonBody, readPatch } from './write-body.ts';
import { managerOf, writeRequest } from './write-request.ts';

/** Answers a request for the scale of an object. @throws ApiError */
export async function serveScale({ api }: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const { method } = exchange;
  if (method === 'GET') return jsonAnswer(200, api.getScale(request));
  const verb = method === 'PUT' ? 'update' : 'patch';
  return jsonAnswer(200, await api.writeScale(writeRequest(exchange, request), verb, () => readChange(exchange)));
}

async function readChange(exchange: Exchange): Promise<ScaleChange> {
  if (exchange.method === 'PATCH' && isApply(exchange)) {
    const { isForced } = applyOptions(exchange.query);
    return { applied: { body: (await readApplied(exchange)).value, manager: managerOf(exchange), isForced } };
  }
  if (exchange.method === 'PATCH') return { patch: await readPatch(exchange) };
  const body = await readJsonBody(exchange);
  if (body === undefined) throw badRequest('the request has no body: send the scale');
  return { scale: body.value };
}
