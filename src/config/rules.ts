import type { Path, ShapeProblem } from '../api/validate.ts';
import { objectOf, textOf } from '../core/json.ts';
import { parseListenAddress } from './address.ts';

/**
 * What the schema cannot say: keys that need or exclude each other. Every rule is total on any value, so that mistakes of
 * both kinds are reported together.
 */
export function ruleProblems(config: unknown): readonly ShapeProblem[] {
  const rules = [
    tlsProblems,
    callerProblems,
    vaultProblems,
    injectionProblems,
    wrappedProblems,
    portProblems,
    notificationProblems,
  ];
  return rules.flatMap((rule) => rule(objectOf(config)));
}

type Fields = ReturnType<typeof objectOf>;

function tlsProblems(config: Fields): readonly ShapeProblem[] {
  const path = ['webhook', 'tls'];
  const tls = objectOf(objectOf(config['webhook'])['tls']);
  const hasFiles = 'certFile' in tls || 'keyFile' in tls;
  if (makesCertificates(config)) {
    const hasOwn = hasFiles || tls['selfSigned'] === true;
    return hasOwn
      ? [{ path, message: 'keys has the certificate; expected keys.tls External, or none here' }]
      : [];
  }
  if (tls['selfSigned'] === true) {
    const isMtls = objectOf(objectOf(config['webhook'])['caller'])['mode'] === 'mtls';
    if (isMtls) return [{ path, message: 'mode mtls needs certFile and keyFile, not selfSigned' }];
    return hasFiles ? [{ path, message: 'selfSigned and files exclude each other' }] : [];
  }
  if (!hasFiles) return [{ path, message: 'expected certFile and keyFile, or selfSigned: true' }];
  return needs(path, tls, ['certFile', 'keyFile'], 'one needs the other');
}

/** `SelfSigned` is the default. */
function makesCertificates(config: Fields): boolean {
  return 'keys' in config && objectOf(config['keys'])['tls'] !== 'External';
}

function callerProblems(config: Fields): readonly ShapeProblem[] {
  const path = ['webhook', 'caller'];
  const caller = objectOf(objectOf(config['webhook'])['caller']);
  const { segment, previousSegment } = caller;
  const rotation =
    previousSegment !== undefined && (segment === undefined || segment === previousSegment)
      ? [{ path: [...path, 'previousSegment'], message: 'expected a segment that differs from it' }]
      : [];
  const hasKeys = 'keys' in config;
  const twice = hasKeys
    ? excludes(path, caller, ['segment', 'previousSegment'], 'has no effect with keys, which has the segment')
    : [];
  if (caller['mode'] === 'path') {
    return [
      ...rotation,
      ...twice,
      ...(hasKeys ? [] : needs(path, caller, ['segment'], 'mode path needs it')),
      ...excludes(
        path,
        caller,
        ['clientCAFile', 'allowedNames'],
        'has no effect with mode path; expected mode mtls',
      ),
    ];
  }
  if (caller['mode'] !== 'mtls') return [...rotation, ...twice];
  return [
    ...rotation,
    ...twice,
    ...needs(path, caller, ['clientCAFile', 'allowedNames'], 'mode mtls needs it'),
  ];
}

function vaultProblems(config: Fields): readonly ShapeProblem[] {
  return Object.entries(objectOf(config['vaults'])).flatMap(([name, value]) => {
    const path = ['vaults', name];
    const vault = objectOf(value);
    const plain = textOf(vault['address'])?.startsWith('http://') === true && vault['allowHTTP'] !== true;
    return [
      ...(plain
        ? [{ path: [...path, 'address'], message: 'expected https://, or allowHTTP: true beside it' }]
        : []),
      ...('ca' in vault && 'caFile' in vault
        ? [{ path: [...path, 'caFile'], message: 'ca and caFile exclude each other' }]
        : []),
    ];
  });
}

function notificationProblems(config: Fields): readonly ShapeProblem[] {
  return Object.entries(objectOf(config['notifications'])).flatMap(([name, value]) => {
    const receiver = objectOf(value);
    return 'ca' in receiver && 'caFile' in receiver
      ? [{ path: ['notifications', name, 'caFile'], message: 'ca and caFile exclude each other' }]
      : [];
  });
}

function injectionProblems(config: Fields): readonly ShapeProblem[] {
  const injection = objectOf(config['injection']);
  const hasVaults = Object.keys(objectOf(config['vaults'])).length > 0;
  const needed = 'keys' in config ? ['image'] : ['image', 'keyFile'];
  return [
    ...('keys' in config
      ? excludes(
          ['injection'],
          injection,
          ['keyFile', 'previousKeyFile'],
          'has no effect with keys, which has the key',
        )
      : []),
    ...(hasVaults ? needs(['injection'], injection, needed, 'a connection in vaults needs it') : []),
    ...('previousKeyFile' in injection
      ? needs(['injection'], injection, ['keyFile'], 'previousKeyFile needs it')
      : []),
  ];
}

/** Whoever may ask may have a token: that the path is not known to all is not enough. */
function wrappedProblems(config: Fields): readonly ShapeProblem[] {
  const path = ['injection', 'wrapped'];
  if (!('wrapped' in objectOf(config['injection']))) return [];
  const isMtls = objectOf(objectOf(config['webhook'])['caller'])['mode'] === 'mtls';
  const hasIdentity = Object.values(objectOf(config['vaults'])).some((vault) => 'facts' in objectOf(vault));
  if (!isMtls) return [{ path, message: 'needs webhook.caller.mode mtls', atKey: true }];
  return hasIdentity
    ? []
    : [{ path, message: 'needs a connection in vaults with facts, the identity that asks', atKey: true }];
}

function portProblems(config: Fields): readonly ShapeProblem[] {
  const [webhook, operations] = ['webhook', 'operations'].map((name) =>
    textOf(objectOf(config[name])['address']),
  );
  const port = parseListenAddress(webhook ?? '')?.port;
  if (port === undefined || port === 0 || port !== parseListenAddress(operations ?? '')?.port) return [];
  return [{ path: ['operations', 'address'], message: 'expected another port than that of webhook.address' }];
}

function needs(path: Path, fields: Fields, keys: readonly string[], why: string): readonly ShapeProblem[] {
  const missing = keys.filter((key) => fields[key] === undefined);
  return missing.map((key) => ({ path: [...path, key], message: `is missing: ${why}`, atKey: true }));
}

function excludes(path: Path, fields: Fields, keys: readonly string[], why: string): readonly ShapeProblem[] {
  const present = keys.filter((key) => fields[key] !== undefined);
  return present.map((key) => ({ path: [...path, key], message: why, atKey: true }));
}
