import type { Sentence } from './explanation-texts.ts';

/** Everything that the console's gateway, and the browser itself, say of a request, by code: of refusals, and of what is done step by step. */
export const CONSOLE_TEXTS = {
  tokenUnknown: { en: 'the token is not known: paste it in full', zh: '令牌不正确：请完整粘贴' },
  linkUsed: {
    en: 'this link was used or has expired: sign in with a token, or restart the platform for a new link',
    zh: '该链接已使用过或已过期：请用令牌登录，或重启平台以获得新链接',
  },
  signInBusy: { en: 'too many failed sign-ins from this address: wait a minute', zh: '该地址登录失败次数过多：请等待一分钟' },
  sessionMissing: { en: 'nobody is signed in: sign in', zh: '尚未登录：请登录' },
  tooManyPages: { en: 'the console has {limit} open pages: close some', zh: '控制台已打开 {limit} 个页面：请关闭一些' },
  csrfTokenRefused: { en: 'header {header} is missing or wrong: reload the page', zh: '请求头 {header} 缺失或不正确：请重新加载页面' },
  originRefused: {
    en: 'the request comes from {origin}, not from this console: open the console at its own address',
    zh: '请求来自 {origin}，而不是本控制台：请用控制台自己的地址打开',
  },
  contentTypeWrong: { en: 'content-type must be {wanted}', zh: 'content-type 必须为 {wanted}' },
  bodyTooLarge: { en: 'the body is larger than {limit} bytes', zh: '请求正文超过 {limit} 字节' },
  bodyMalformed: { en: 'the body is not JSON: {said}', zh: '请求正文不是 JSON：{said}' },
  claimUnnamed: { en: 'name the claim with namespace and name', zh: '请用 namespace 和 name 指明声明' },
  questionMalformed: {
    en: 'ask with kind ({kinds}), namespace where it has one, and name',
    zh: '请给出 kind（{kinds}）、name，以及 namespace（如有）',
  },
  noSocket: { en: 'there is no socket at {path}', zh: '{path} 处没有 WebSocket' },
  notOfConsole: { en: '{path} is not part of the console', zh: '{path} 不属于控制台' },
  noSuchRequest: { en: 'the console has no {method} {path}', zh: '控制台没有 {method} {path}' },
  noSuchFile: { en: 'the console has no file {name}: reload the page', zh: '控制台没有文件 {name}：请重新加载页面' },
  methodUnknown: { en: "{method} can't be used on {path}: use GET", zh: '{path} 不支持 {method}：请用 GET' },
  consoleNotBuilt: {
    en: "the console's files are not in {dir}: run `npm run build:console`, then reload",
    zh: '{dir} 中没有控制台的文件：请运行 `npm run build:console`，然后重新加载',
  },
  tooManyLists: { en: 'a tab can follow {limit} lists at most: close some', zh: '一个标签页最多可跟踪 {limit} 个列表：请关闭一些' },
  noSuchResource: { en: 'the API has no resource {resource}', zh: 'API 没有资源 {resource}' },
  consoleFailed: { en: "the console failed: see the server's log for this request", zh: '控制台出错：请在服务器日志中查看该请求' },
  /** Words of the API stay as they are; in other languages it is said beside them what they mean. */
  apiForbids: { en: '{said}', zh: '您没有权限：{said}' },
  apiLacks: { en: '{said}', zh: '不存在：{said}' },
  apiConflicts: { en: '{said}', zh: '对象已被修改或已存在：{said}' },
  apiRefuses: { en: '{said}', zh: 'API 拒绝了请求：{said}' },

  recoveryRunning: { en: 'the growth of {claim} is being given up already: wait', zh: '正在放弃 {claim} 的扩容：请等待' },
  recoveriesBusy: { en: '{limit} growths are being given up: try again in a minute', zh: '正在放弃 {limit} 个扩容：请一分钟后重试' },
  recoveryUnfinished: {
    en: 'the growth of {claim} was not given up to its end ({minutes} minutes, or the server stops); no data is lost: run "stowage recover pvc/{name} -n {namespace}", which goes on where this stopped',
    zh: '{claim} 的扩容没有完全放弃（超过 {minutes} 分钟，或服务器停止）；数据没有丢失：请运行 "stowage recover pvc/{name} -n {namespace}"，它会从中断处继续',
  },
  noGrowthToGiveUp: {
    en: 'no growth of this claim is under way: there is nothing to give up',
    zh: '该声明没有正在进行的扩容：没有可放弃的',
  },
  noVolumeToKeep: { en: 'the claim has no volume yet: there is nothing to give up', zh: '该声明还没有卷：没有可放弃的' },
  podsUseClaim: {
    en: 'pods use the claim: {pods}; delete them (scale their owner down) first',
    zh: '有 Pod 正在使用该声明：{pods}；请先删除它们（将其所有者缩容）',
  },
  claimAndVolumeGone: {
    en: 'persistentvolumeclaim {claim} does not exist, and no volume waits for it',
    zh: 'persistentvolumeclaim {claim} 不存在，也没有卷在等待它',
  },
  volumeKept: { en: 'volume {volume} is kept (Retain)', zh: '卷 {volume} 将保留（Retain）' },
  claimDeleted: { en: 'claim {claim} is deleted', zh: '声明 {claim} 已删除' },
  volumeReservedAgain: { en: 'volume {volume} is reserved for the new claim', zh: '卷 {volume} 已为新声明预留' },
  claimMadeAgain: { en: 'claim {claim} is made again with {size} and bound', zh: '声明 {claim} 已重新创建（{size}）并绑定' },
  policyPutBack: {
    en: 'volume {volume} has its reclaim policy {policy} again; the data is as it was',
    zh: '卷 {volume} 的回收策略已恢复为 {policy}；数据保持不变',
  },

  serverUnreachable: { en: 'the server can’t be reached: is it running?', zh: '无法连接服务器：它在运行吗？' },
  connectionBroke: {
    en: 'the connection broke; the server goes on: look at the claim again, and try again if it does not come back',
    zh: '连接中断，服务器会继续执行：请再查看该声明，如未恢复请重试',
  },
  answerUnknown: {
    en: 'the server answered something that this page does not know: reload it',
    zh: '服务器的回答无法识别：请重新加载页面',
  },
} as const satisfies Readonly<Record<string, Sentence>>;
