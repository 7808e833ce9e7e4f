import type { ReasonSection } from './reason-section.ts';

/** Of programs that use the API. */
export const CLIENT_REASONS: ReasonSection = {
  title: { en: 'Clients', zh: '客户端' },
  tables: [
    {
      intro: { en: 'For programs that reach the API over HTTPS.', zh: '用于通过 HTTPS 访问 API 的程序。' },
      rows: [
        {
          names: ['ApiUnreachable'],
          means: { en: 'The API server does not answer, or the connection broke.', zh: 'API 服务器没有应答，或连接中断。' },
          remedy: {
            en: 'Is the platform running? Does the kubeconfig have its address and port (`--port 0` takes another one at each start)? It is tried again.',
            zh: '平台是否在运行？kubeconfig 的地址和端口是否正确（`--port 0` 每次启动使用不同端口）？会自动重试。',
          },
        },
        {
          names: ['ApiTimedOut'],
          means: { en: 'The API server did not answer in time.', zh: 'API 服务器没有按时应答。' },
          remedy: { en: "Look at the server's log and load. It is tried again.", zh: '查看服务器的日志和负载；会自动重试。' },
        },
        {
          names: ['ElectionTimesInvalid'],
          means: { en: 'The times of a leader election contradict each other.', zh: '领导者选举的各项时间互相矛盾。' },
          remedy: {
            en: 'The lease must last longer than the time to renew it, and that longer than the time between two tries.',
            zh: '租约时间必须长于续约时限，续约时限必须长于两次尝试的间隔。',
          },
        },
        {
          names: ['KubeconfigInvalid'],
          means: { en: "The kubeconfig can't be used; the message names file and field.", zh: 'kubeconfig 不可用，消息给出文件和字段。' },
          remedy: { en: 'Correct it, or take `DATA-DIR/kubeconfig` anew.', zh: '修正它，或重新获取 `DATA-DIR/kubeconfig`。' },
        },
        {
          names: ['NotInCluster'],
          means: {
            en: "The process is to work on the cluster of its pod, but is in none, or its service account's files are not there.",
            zh: '进程应在其容器组所在的集群工作，但不在集群中，或没有服务账户的文件。',
          },
          remedy: {
            en: 'Run it in a pod with a service account, or name a kubeconfig.',
            zh: '在带服务账户的容器组中运行，或指定 kubeconfig。',
          },
        },
        {
          names: ['CredentialsUnavailable'],
          means: {
            en: "The token file can't be read, or the credential plugin of the kubeconfig failed or answered something else.",
            zh: '令牌文件不可读，或 kubeconfig 的凭据插件失败或返回了其他内容。',
          },
          remedy: {
            en: 'The message names file or program: correct it; it is tried again.',
            zh: '消息给出文件或程序：修正它；会自动重试。',
          },
        },
        {
          names: ['WatchMalformed'],
          means: {
            en: 'A watch sent something that is no event, as a proxy does that cuts or changes answers.',
            zh: '监视收到的内容不是事件，例如代理截断或改写了应答。',
          },
          remedy: { en: 'Connect without the proxy. It is tried again with a new list.', zh: '不经过代理连接；会重新列出并重试。' },
        },
      ],
    },
  ],
};
