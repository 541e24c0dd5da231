import { createHmac } from 'node:crypto';

export const SIGNATURE_HEADER = 'Countersign-Signature';

/**
 * `t=SECONDS,v1=HEX`: HMAC-SHA256 over the time, a point and the body as it is sent, so that a receiver knows who sent it
 * and that it is no old one sent again.
 * @param atSeconds since 1970.
 */
export function signature(key: Uint8Array, atSeconds: number, body: string): string {
  const hex = createHmac('sha256', key).update(`${atSeconds}.${body}`).digest('hex');
  return `t=${atSeconds},v1=${hex}`;
}
