/** Where a server listens, as Go writes it: `:8443`, `127.0.0.1:8443`, `[::1]:8443`. */
export interface ParsedAddress {
  /** `undefined`: every address of the machine. */
  readonly host: string | undefined;
  readonly port: number;
}

const SHAPE = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.]+)?)\]|([\w.-]*)):(\d{1,5})$/;

export function parseListenAddress(text: string): ParsedAddress | undefined {
  const [whole, ipv6, host = '', digits] = SHAPE.exec(text) ?? [];
  const port = Number(digits);
  if (whole === undefined || port > 65_535) return undefined;
  return { host: ipv6 ?? (host === '' ? undefined : host), port };
}
