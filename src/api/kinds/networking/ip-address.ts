const OCTET = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);
/** Longest text of an IPv6 address, in characters. */
const MAX_IPV6 = 45;

/** True for an IPv4 or IPv6 address. */
export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

/** True for an IPv4 address in four decimal parts. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text) && !text.split('.').some((part) => part.length > 1 && part.startsWith('0'));
}

/** True for an IPv6 address. */
export function isIpv6(text: string): boolean {
  if (!text.includes(':') || text.length > MAX_IPV6 || !/^[0-9A-Fa-f:.]+$/.test(text)) return false;
  return URL.canParse(`http://[${text}]/`);
}

/** True for an address with the length of a prefix, such as `10.0.0.0/8`. */
export function isCidr(text: string): boolean {
  const [address = '', length = '', ...others] = text.split('/');
  if (others.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  return (isIpv4(address) && Number(length) <= 32) || (isIpv6(address) && Number(length) <= 128);
}
