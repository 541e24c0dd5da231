/** What a refused login was made with: Vault says only "permission denied", and the cause is most often one of these. */
import { decodeJwt } from 'jose';
import { shown } from '../core/text.ts';

/**
 * Subject, audience and remaining life of a service-account token, for one line of cause. They are read, not verified:
 * Vault has judged the token already. `undefined`: it is no JWT.
 * @param nowMilliseconds since 1970.
 */
export function describeToken(jwt: string, nowMilliseconds: number): string | undefined {
  try {
    const { sub, aud, exp } = decodeJwt(jwt);
    const parts = [
      sub === undefined ? 'no subject' : shown(sub),
      aud === undefined ? 'no audience' : `audience ${shown([aud].flat().join(', '))}`,
      exp === undefined ? 'no expiry' : expiry(exp - nowMilliseconds / 1000),
    ];
    return `the token sent: ${parts.join(', ')}`;
  } catch {
    return undefined;
  }
}

function expiry(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  return seconds > 0 ? `valid for ${whole} s` : `expired ${whole} s ago`;
}
