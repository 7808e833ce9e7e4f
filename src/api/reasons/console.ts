import type { ReasonSection } from './reason-section.ts';

/** Of the console's server. */
export const CONSOLE_REASONS: ReasonSection = {
  title: { en: 'Console', zh: '控制台' },
  tables: [
    {
      rows: [
        {
          names: ['TooManySubscriptions'],
          means: { en: 'One tab follows more than 64 lists.', zh: '一个标签页跟踪的列表超过 64 个。' },
          remedy: { en: 'Close the tab and open it again.', zh: '关闭该标签页后重新打开。' },
        },
        {
          names: ['Unreachable'],
          means: { en: "The console's server does not answer.", zh: '控制台的服务器没有应答。' },
          remedy: {
            en: 'Look whether the platform runs; the page goes on by itself when it does.',
            zh: '检查平台是否在运行；恢复后页面会自动继续。',
          },
        },
        {
          names: ['AnswerUnknown'],
          means: {
            en: 'The server answered something that this page does not know, for example after an upgrade.',
            zh: '服务器的应答无法识别，例如在升级之后。',
          },
          remedy: { en: 'Reload the page.', zh: '重新加载页面。' },
        },
      ],
    },
    {
      at: { en: 'HTTP', zh: 'HTTP' },
      rows: [
        {
          names: ['TokenUnknown'],
          at: '401',
          means: { en: 'The token is not known.', zh: '令牌未知。' },
          remedy: { en: 'Paste all of `DATA-DIR/admin.token`.', zh: '粘贴 `DATA-DIR/admin.token` 的全部内容。' },
        },
        {
          names: ['LinkUsed'],
          at: '401',
          means: { en: 'The sign-in link was used or is too old.', zh: '登录链接已使用或已过期。' },
          remedy: { en: 'Sign in with the token; each start prints a new link.', zh: '用令牌登录；每次启动会打印新的链接。' },
        },
        {
          names: ['SessionMissing'],
          at: '401',
          means: {
            en: 'Nobody is signed in, or the session has ended: by itself, or with its token or account.',
            zh: '没有登录，或会话已结束（自行到期，或随其令牌或账户结束）。',
          },
          remedy: { en: 'Sign in.', zh: '请登录。' },
        },
        {
          names: ['CsrfTokenRefused', 'OriginRefused'],
          at: '403',
          means: { en: 'The request does not come from a page of this console.', zh: '请求不是来自该控制台的页面。' },
          remedy: {
            en: 'Reload the page; open the console under the address that `npm start` printed.',
            zh: '重新加载页面；使用 `npm start` 打印的地址打开控制台。',
          },
        },
        {
          names: ['SignInBusy'],
          at: '429',
          means: {
            en: 'Too many sign-ins from this address failed; a right token is let in all the same.',
            zh: '来自此地址的登录失败次数过多；正确的令牌仍可登录。',
          },
          remedy: { en: 'Wait a minute.', zh: '等待一分钟。' },
        },
        {
          names: ['TooManyPages'],
          at: '429',
          means: { en: 'Too many pages of the console are open.', zh: '打开的控制台页面过多。' },
          remedy: { en: 'Close some.', zh: '关闭一些。' },
        },
        {
          names: ['RequestMalformed', 'RequestTooLarge'],
          at: '400',
          means: { en: 'The request is no JSON, or too large.', zh: '请求不是 JSON，或过大。' },
          remedy: { en: 'Reload the page.', zh: '重新加载页面。' },
        },
        {
          names: ['PageUnknown'],
          at: '404',
          means: { en: 'The console has no such page.', zh: '控制台没有该页面。' },
          remedy: { en: 'Start at `/console/`.', zh: '从 `/console/` 开始。' },
        },
        {
          names: ['MethodUnknown'],
          at: '501',
          means: { en: 'The page is only for reading.', zh: '该页面只能读取。' },
          remedy: { en: 'Use GET.', zh: '使用 GET。' },
        },
        {
          names: ['RecoveryBusy'],
          at: '429',
          means: {
            en: 'The growth of this claim is being given up already, or eight others are.',
            zh: '该声明的扩容正在被放弃，或另有八个正在进行。',
          },
          remedy: { en: 'Wait a minute.', zh: '等待一分钟。' },
        },
        {
          names: ['RecoveryUnfinished'],
          at: '504',
          means: {
            en: 'Giving a growth up stopped half-way: after 5 minutes, or because the server stopped. The data is safe.',
            zh: '放弃扩容中途停止：超过 5 分钟，或服务器停止。数据是安全的。',
          },
          remedy: {
            en: '`npx stowage recover pvc/NAME -n NAMESPACE` goes on where it stopped.',
            zh: '`npx stowage recover pvc/NAME -n NAMESPACE` 会从停止处继续。',
          },
        },
        {
          names: ['ConsoleNotBuilt'],
          at: '503',
          means: { en: "The console's files are missing.", zh: '缺少控制台的文件。' },
          remedy: {
            en: '`npm run build:console`; `npm start` does it by itself.',
            zh: '`npm run build:console`；`npm start` 会自动执行。',
          },
        },
      ],
    },
  ],
};
