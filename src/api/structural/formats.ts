import { isIP, isIPv4, isIPv6 } from 'node:net';

/** RFC 3339 section 5.6. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const HOSTNAME = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?$/;
const MAC = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i;
const EMAIL = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,255}$/;
/** Go's `time.ParseDuration`, and the units of kube-openapi's strfmt. */
const DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w))+)$/;
const LONGEST_HOSTNAME = 255;

/** Formats that kube-openapi checks (apiextensions pkg/apiserver/validation/formats.go); others are ignored, as there. */
const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date-time', (text: string) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text.toUpperCase()))],
  ['date', (text: string) => DATE.test(text) && !Number.isNaN(Date.parse(text))],
  ['duration', (text: string) => DURATION.test(text)],
  ['uuid', (text: string) => UUID.test(text)],
  ['byte', (text: string) => BASE64.test(text)],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', isCidr],
  ['hostname', (text: string) => text.length <= LONGEST_HOSTNAME && HOSTNAME.test(text)],
  ['mac', (text: string) => MAC.test(text)],
  ['email', (text: string) => EMAIL.test(text)],
  ['uri', (text: string) => URL.canParse(text)],
]);

/** True where `text` has the format, or the format is none that is checked. */
export function hasFormat(format: string, text: string): boolean {
  return FORMATS.get(format)?.(text) ?? true;
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/');
  const family = isIP(address);
  return more.length === 0 && family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
