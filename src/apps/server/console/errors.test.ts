import { expect, it } from 'vitest';
import { words, wordsText } from '#api/explanation.ts';
import { RecoveryRefused } from '#controllers/csi/expansion/give-up-growth.ts';
import { PlatformError } from '#kit/errors.ts';
import { ApiError } from '#machinery/client/api-error.ts';
import { ConsoleRequestRefused, wordsOfFailure } from './errors.ts';

function ofApi(reason: string, code: number): ApiError {
  return new ApiError({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'no "x"', reason, code });
}

it.each([
  {
    name: 'a refusal of the gateway',
    error: new ConsoleRequestRefused('TokenUnknown', words('tokenUnknown')),
    en: 'the token is not known: paste it in full',
    zh: '令牌不正确：请完整粘贴',
  },
  {
    name: 'a refusal to give a growth up',
    error: new RecoveryRefused(words('podsUseClaim', { pods: 'web' })),
    en: 'pods use the claim: web; delete them (scale their owner down) first',
    zh: '有 Pod 正在使用该声明：web；请先删除它们（将其所有者缩容）',
  },
  { name: 'what the user may not do', error: ofApi('Forbidden', 403), en: 'no "x"', zh: '您没有权限：no "x"' },
  { name: 'what is gone', error: ofApi('NotFound', 404), en: 'no "x"', zh: '不存在：no "x"' },
  { name: 'what another was faster with', error: ofApi('Conflict', 409), en: 'no "x"', zh: '对象已被修改或已存在：no "x"' },
  { name: 'what the API finds wrong', error: ofApi('Invalid', 422), en: 'no "x"', zh: 'API 拒绝了请求：no "x"' },
  {
    name: 'what is for the log alone, of the API',
    error: ofApi('InternalError', 500),
    en: "the console failed: see the server's log for this request",
    zh: '控制台出错：请在服务器日志中查看该请求',
  },
  {
    name: 'what is for the log alone',
    error: PlatformError.from(new Error('secret')),
    en: "the console failed: see the server's log for this request",
    zh: '控制台出错：请在服务器日志中查看该请求',
  },
])('CON-7: a browser is told in its language: $name', ({ error, en, zh }) => {
  const said = wordsOfFailure(error);
  expect([wordsText(said, 'en'), wordsText(said, 'zh')]).toEqual([en, zh]);
});
