import { timingSafeEqual } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { UnauthenticatedCause } from '../telemetry/metrics.ts';

/**
 * Who may ask. Whoever is not known is told nothing: no verdict, no record, and not what was wrong.
 *
 * `path`: the last segment of the registered path. It is no secret, since the API server prints it whenever a call fails;
 * it keeps strangers from asking and authorises nothing more. `mtls`: a client certificate of a CA of the operator's,
 * with one of the listed names; a segment, where one is set, is asked for too.
 */
export type Caller =
  | { readonly mode: 'path'; readonly segment: string; readonly previousSegment?: string | undefined }
  | {
      readonly mode: 'mtls';
      /** Common names, or DNS or URI names of the certificate, compared letter by letter. */
      readonly allowedNames: readonly string[];
      readonly segment?: string | undefined;
      readonly previousSegment?: string | undefined;
    };

/** `undefined`: the caller is known. `segment` is `''` when the path has none. */
export type CallerCheck = (segment: string, socket: Socket) => UnauthenticatedCause | undefined;

/** @param changing segments that are asked for with every call, instead of those of `caller`; none: nobody is known */
export function createCallerCheck(caller: Caller, changing?: () => readonly string[]): CallerCheck {
  const segments = [caller.segment, caller.previousSegment].filter((segment) => segment !== undefined);
  const fixed = (segments.length === 0 ? [''] : segments).map((segment) => Buffer.from(segment, 'utf8'));
  const accepted = () => changing?.().map((segment) => Buffer.from(segment, 'utf8')) ?? fixed;
  if (caller.mode === 'path') return (segment) => (matches(accepted(), segment) ? undefined : 'path');
  const names = new Set(caller.allowedNames);
  /** A connection keeps its certificate, so it is looked at once. */
  const known = new WeakMap<Socket, boolean>();
  return (segment, socket) => {
    if (!matches(accepted(), segment)) return 'path';
    const before = known.get(socket);
    const trusted = before ?? presentsName(socket, names);
    if (before === undefined) known.set(socket, trusted);
    return trusted ? undefined : 'certificate';
  };
}

/**
 * What the TLS server must do for it. A handshake that lacks the certificate succeeds all the same, so that the refusal is
 * one like others: counted, and said in the log.
 */
export function tlsOptionsFor({ mode }: Caller): Pick<ServerOptions, 'requestCert' | 'rejectUnauthorized'> {
  return mode === 'mtls' ? { requestCert: true, rejectUnauthorized: false } : {};
}

/** Every accepted segment is compared whole, so the time says nothing about which one is near. */
function matches(accepted: readonly Buffer[], segment: string): boolean {
  const given = Buffer.from(segment, 'utf8');
  let found = false;
  for (const one of accepted) if (one.length === given.length && timingSafeEqual(one, given)) found = true;
  return found;
}

/** `authorized`: of the client CA and within its time. Without a certificate there is an empty object, or nothing. */
function presentsName(socket: Socket, names: ReadonlySet<string>): boolean {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return false;
  const certificate: PeerCertificate | Record<string, never> | null = socket.getPeerCertificate();
  if (!certificate?.raw) return false;
  return [...commonNames(certificate), ...alternativeNames(certificate)].some((name) => names.has(name));
}

/** Several common names come as a list, against the declared type. */
function commonNames(certificate: PeerCertificate): readonly string[] {
  const names: unknown = certificate.subject?.CN;
  return [names].flat().filter((name) => typeof name === 'string');
}

/** `DNS:a, URI:b`. A value with a comma or a quote in it is written in quotes; such a certificate has no names here. */
function alternativeNames({ subjectaltname: text = '' }: PeerCertificate): readonly string[] {
  if (text.includes('"')) return [];
  return text.split(', ').flatMap((entry) => /^(?:DNS|URI):(.+)$/.exec(entry)?.[1] ?? []);
}
