/** Tries the forms of refusal on a text. */
import { ADMISSION } from './admission.ts';
import { COUNTERSIGN } from './countersign.ts';
import type { Reading } from './explanation.ts';
import { KUBERNETES } from './kubernetes.ts';
import { KUBERNETES_PLAIN } from './kubernetes-plain.ts';
import { masked } from './mask.ts';
import { OAUTH, OAUTH_PLAIN } from './oauth.ts';
import type { Recogniser, VaultRequest } from './recogniser.ts';
import { REGISTRIES, SERVICES } from './services.ts';
import { VAULT } from './vault.ts';
import { type Lowered, loweredAscii, windowsOf } from './windows.ts';

/** Tried in order: those that say most come first. */
export const RECOGNISERS: readonly Recogniser[] = [
  ...COUNTERSIGN,
  ...KUBERNETES,
  ...ADMISSION,
  ...REGISTRIES,
  ...OAUTH,
  ...VAULT,
  ...SERVICES,
  ...KUBERNETES_PLAIN,
  ...OAUTH_PLAIN,
];

export interface Found {
  readonly reading: Reading;
  readonly evidence: readonly string[];
}

/** `text` is masked. The first recogniser that fits counts, whether it is the text itself or one layer of JSON in it that it fits. */
export function recognised(text: string): Found | undefined {
  const texts = [text, masked(unescaped(text))].map((layer) => ({
    text: layer,
    lowered: loweredAscii(layer),
  }));
  const vault = texts.map(vaultRequestIn).find((request) => request !== undefined);
  for (const { literals, pattern, read } of RECOGNISERS) {
    for (const window of texts.flatMap((one) => literals.flatMap((literal) => windowsOf(one, literal)))) {
      const match = pattern.exec(window);
      const reading = match === null ? undefined : read(match.groups ?? {}, { vault, window });
      if (match !== null && reading !== undefined) return { reading, evidence: linesAround(window, match) };
    }
  }
  return undefined;
}

/** One layer of JSON: a body, or a message inside of a log line. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (all: string, hex?: string, one?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return { n: '\n', r: '\r', t: '\t' }[one ?? ''] ?? one ?? all;
  });
}

const MAX_EVIDENCE_LINES = 3;

/** The lines that the match touches, the first few. */
function linesAround(window: string, match: RegExpExecArray): readonly string[] {
  const start = window.lastIndexOf('\n', match.index) + 1;
  const end = window.indexOf('\n', match.index + match[0].length);
  return window
    .slice(start, end < 0 ? undefined : end)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(0, MAX_EVIDENCE_LINES);
}

const VAULT_REQUEST =
  /\bURL: (?<method>[A-Z]{3,8}) https?:\/\/[^\s/]{1,300}\/v1\/(?<path>[^\s?]{1,1000})(?<query>\?\S{0,500})?/;
const VAULT_NAMESPACE = /\bNamespace: (?<namespace>\S{1,200})\n/;

/** As Vault's library for Go prints the request that failed (api/response.go). */
function vaultRequestIn(text: Lowered): VaultRequest | undefined {
  for (const window of windowsOf(text, 'url: ')) {
    const groups = VAULT_REQUEST.exec(window)?.groups;
    if (groups === undefined) continue;
    return {
      method: groups['method'] ?? '',
      path: groups['path'] ?? '',
      lists: /[?&]list=true\b/.test(groups['query'] ?? ''),
      namespace: VAULT_NAMESPACE.exec(window)?.groups?.['namespace'],
    };
  }
  return undefined;
}
