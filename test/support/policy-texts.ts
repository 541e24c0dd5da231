/** Policy texts, and which server takes each: what is odd about HCL 1, about its JSON, and about the keys of a path. */
import type { Product } from './vault-server.ts';

export interface PolicyCase {
  readonly name: string;
  readonly text: string;
  /** The servers that take it. */
  readonly takenBy: readonly Product[];
  /** Whether we do, where that is not the same as whether any server does. */
  readonly ours: boolean;
}

type Taken = 'both' | 'none' | Product;

const SERVERS: Readonly<Record<Taken, readonly Product[]>> = {
  both: ['OpenBao', 'Vault'],
  none: [],
  OpenBao: ['OpenBao'],
  Vault: ['Vault'],
};

/** A path with these keys. */
const a = (keys: string) => `path "a" { ${keys} }`;
const json = (keys: object) => JSON.stringify({ path: { a: keys } });
const group = (factor: string, before = '') =>
  a(`capabilities = ["read"] control_group { ${before} factor "f" { ${factor} } }`);
const IDENTITY = 'identity { group_names = ["g"] approvals = 1 }';
const MAY = 'controlled_capabilities = ["read"]';
const FILTER = 'list_scan_response_keys_filter_path';

const texts: Readonly<Record<Taken, Readonly<Record<string, string>>>> = {
  both: {
    'white space': ' ',
    'nothing but comments': '# a\n// b\n/* c\n* d **/',
    'a block': 'path "secret/*" { capabilities = ["read", "list"] }',
    'a block on several lines':
      'path "a" {\r\n  capabilities = [\r\n "read", # why\r\n "list",\r\n ]\r\n}\r\n',
    'a key in quotes and a bare path': '"path" a { "capabilities" = ["read"] }',
    'a name': 'name = "x"\nname = 5\npath "a" { policy = "read" }',
    'a path without a name': 'path { capabilities = ["read"] }',
    'a path without a name, assigned': 'path = { capabilities = ["list"] }',
    'a path with two names': 'path "a" "b" { capabilities = ["read"] }',
    'the empty path': 'path "" { capabilities = ["read"] }',
    'a slash in front': 'path "/a" { capabilities = ["read"] }\npath "//b" { capabilities = ["list"] }',
    'the same path twice': `${a('capabilities = ["read"]')}\n${a('capabilities = ["list"]')}`,
    'a path twice, one denied': `${a('capabilities = ["read"]')}\n${a('capabilities = ["deny"]')}`,
    'a path without capabilities': a(''),
    'no capabilities': a('capabilities = []'),
    'a block of capabilities': a('capabilities {}'),
    'capabilities twice': a('capabilities = ["read"]\n capabilities = ["list"]'),
    'a capability twice': a('capabilities = ["read", "read"]'),
    'deny among others': a('capabilities = ["read", "deny", "nonsense"]'),
    'deny in the old way': a('policy = "deny" capabilities = ["nonsense"]'),
    'read in the old way': a('policy = "read"'),
    'write in the old way': a('policy = "write" capabilities = ["patch"]'),
    'sudo in the old way': a('policy = "sudo"'),
    'no word in the old way': a('policy = "" capabilities = ["read"]'),
    'commas between keys': a('capabilities = ["read"], comment = "x",'),
    'too many commas in a list': a('capabilities = [,"read",,"list",]'),
    'no comma after an inner list': a('comment = [["x"] ["y"]]'),
    'a comment of any kind': a('comment = { x = [true, 1.5, {}] }'),
    'a comment that can not be read': a('comment = "\\777"'),
    'a word without a value at the end': `${a('capabilities = ["read"]')}\nname =`,
    'a heredoc': a('comment = <<EOF\nEOF here\n  EOF\n'),
    'an indented heredoc': a('comment = <<-EOF\n    x\n    EOF\n'),
    'an interpolation in a string': 'path "a/${b "x" {c}\n}" { capabilities = ["read"] }',
    'escapes in a string': 'path "\\x61\\142\\u0063\\U00000064\\t\\"\\\\" { capabilities = ["read"] }',
    'a character of two escaped bytes': 'path "\\xc3\\xa9" { capabilities = ["read"] }',
    'an escaped surrogate': 'path "\\ud800" { capabilities = ["read"] }',
    'letters of other alphabets': 'path "ключ/é/😀" { capabilities = ["read"] }',
    'a bare path of other letters': 'path ключ { capabilities = ["read"] }',
    'a star in the middle': 'path "a/*/b" { capabilities = ["read"] }',
    'a plus in a segment': 'path "a/b+c" { capabilities = ["read"] }',
    'segments that are any': 'path "a/+/b/+/*" { capabilities = ["read"] }',
    'a template': 'path "a/{{identity.entity.id}}/*" { capabilities = ["read"] }',
    'a template that means nothing': 'path "a/{{nonsense}}" { capabilities = ["read"] }',
    'an empty template': 'path "a/{{}}" { capabilities = ["read"] }',
    'braces by twos and threes': 'path "{{{a}}}" { capabilities = ["read"] }',
    'every parameter': a('allowed_parameters = { "*" = [] }'),
    'parameters of all kinds': a('allowed_parameters = { "a" = ["x", 1, 1.5, true, [], {}] "b" = [] }'),
    'a parameter that is a block': a('denied_parameters { a { x = 1 } }'),
    'a parameter with a label': a('denied_parameters "a" { x = 1 }'),
    'parameters twice': a('allowed_parameters { a = ["1"] } allowed_parameters { a = ["2"] }'),
    'no parameters': a('allowed_parameters {} required_parameters = []'),
    'needed parameters': a('capabilities = ["update"] required_parameters = ["a", 1]'),
    'methods of MFA': a('capabilities = ["read"] mfa_methods = ["m"]'),
    'a wrapping TTL in seconds': a('min_wrapping_ttl = 5 max_wrapping_ttl = "10"'),
    'a wrapping TTL with units': a('min_wrapping_ttl = "1.5h" max_wrapping_ttl = "1h30m0.5s"'),
    'a wrapping TTL in days': a('max_wrapping_ttl = "7d"'),
    'a wrapping TTL in hexadecimal': a('min_wrapping_ttl = 0x10 max_wrapping_ttl = 020'),
    'a wrapping TTL with a fraction': a('min_wrapping_ttl = 1.9 max_wrapping_ttl = 1'),
    'a wrapping TTL below zero': a('min_wrapping_ttl = -5 max_wrapping_ttl = "+5s"'),
    'a wrapping TTL of no time': a('min_wrapping_ttl = "1h" max_wrapping_ttl = ""'),
    'a wrapping TTL twice': a('max_wrapping_ttl = "1h" max_wrapping_ttl = 5'),
    'wrapping TTLs of a denied path': a('policy = "deny" min_wrapping_ttl = "2h" max_wrapping_ttl = "soon"'),
    'a control group': group(`${MAY} ${IDENTITY}`, 'ttl = "1h"'),
    'a control group with approvals in quotes': group(
      `${MAY} identity { group_names = ["g"] approvals = "2" }`,
    ),
    JSON: json({ capabilities: ['read'], comment: 'x' }),
    'JSON with white space': ` \n\t${json({ capabilities: ['read'] })}`,
    'JSON with a list of paths': '{"path": [{"a": {"capabilities": ["read"]}}, {"b": {"policy": "read"}}]}',
    'JSON of an empty object': '{}',
    'JSON with an empty path': '{"path": {}}',
    'JSON with an empty block': '{"path": {"a": {}}}',
    'JSON with a path too deep': '{"path": {"a": {"b": {"capabilities": ["read"]}}}}',
    'JSON with a path twice': '{"path": {"a": {"capabilities": ["read"]}, "a": {"capabilities": ["list"]}}}',
    'JSON with capabilities twice': '{"path": {"a": {"capabilities": ["read"], "capabilities": ["list"]}}}',
    'JSON with parameters': json({ allowed_parameters: { x: [1, 'y'] }, capabilities: ['update'] }),
    'JSON with a control group': json({
      capabilities: ['read'],
      control_group: {
        ttl: 60,
        factor: { f: { controlled_capabilities: ['read'], identity: { group_names: ['g'], approvals: 1 } } },
      },
    }),
    'JSON with a null for a string': json({ policy: null, capabilities: ['read'] }),
    'JSON with a boolean in a list': '{"path": {"a": {"capabilities": [true, "read"]}}}',
    'JSON with a bracket too many': '{"path": {"a": {"capabilities": [["read"]}}}',
    'JSON without commas in a list': '{"path": {"a": {"capabilities": ["read" "list"]}}}',
    'JSON with a comma at the end': '{"path": {"a": {"capabilities": ["read",],},},}',
    'JSON without its end': '{"path": {"a": {"capabilities": ["read"]',
    'JSON with text after it': `${json({ capabilities: ['read'] })} and "more`,
    'JSON that ends in a key': '{"path": {"a": {"capabilities": ["read"]}}, "name"}',
    'JSON that ends in a colon': '{"path": {"a": {"capabilities": ["read"]}}, "name":',
    'JSON with Go escapes': '{"path": {"\\x61\\142": {"capabilities": ["read"]}}}',
  },
  none: {
    nothing: '',
    'a path that is a string': 'path = "a"',
    'paths in an object': 'path = { "a" = { capabilities = ["read"] } }',
    'paths in a list': 'path = [{ capabilities = ["read"] }]',
    'a name that is a list': 'name = []',
    'a name that is a block': 'name {}',
    'a name that is true': 'name = true',
    'another key': 'paths "a" {}',
    'a key in capitals': 'Path "a" {}',
    'a key of a path in capitals': a('Capabilities = ["read"]'),
    'an unknown key of a path': a('foo = 1'),
    'capabilities in a string': a('capabilities = "read"'),
    'capabilities that are numbers': a('capabilities = [1]'),
    'capabilities that are booleans': a('capabilities = [true]'),
    'capabilities with a label': a('capabilities "read" {}'),
    'an unknown capability': a('capabilities = ["write"]'),
    'a capability in capitals': a('capabilities = ["Read"]'),
    'an unknown word in the old way': a('policy = "admin"'),
    'a heredoc in the old way': a('policy = <<EOF\nread\nEOF\n'),
    'a plus and a star': 'path "a/+*" {}',
    'an open template': 'path "a/{{b" {}',
    'a closed template': 'path "a}}" {}',
    'a template closed twice': 'path "{{a}}b}}" {}',
    'a parameter that is a string': a('allowed_parameters = { a = "x" }'),
    'a parameter with two labels': a('allowed_parameters "a" "b" {}'),
    'parameters in a list': a('allowed_parameters = [{ a = [] }]'),
    'a parameter of two kinds': a('allowed_parameters { a = [{ x = 1 x = "q" }] }'),
    'a parameter that is too large': a('allowed_parameters { a = [99999999999999999999] }'),
    'needed parameters in a string': a('required_parameters = "a"'),
    'a wrapping TTL below the least': a('min_wrapping_ttl = "2h" max_wrapping_ttl = 60'),
    'a wrapping TTL in words': a('min_wrapping_ttl = "soon"'),
    'a wrapping TTL without a unit': a('min_wrapping_ttl = "1.5"'),
    'a wrapping TTL with a fraction of days': a('min_wrapping_ttl = "1.5d"'),
    'a wrapping TTL that is a list': a('min_wrapping_ttl = []'),
    'a wrapping TTL that is true': a('min_wrapping_ttl = true'),
    'a wrapping TTL that is too long': a('min_wrapping_ttl = "10000000000"'),
    'a wrapping TTL that is no number': a('min_wrapping_ttl = 08'),
    'a wrapping TTL of two kinds': a('min_wrapping_ttl = 5 min_wrapping_ttl = "1h"'),
    'a control group that is a string': a('control_group = "x"'),
    'a control group of nobody': a('control_group {}'),
    'a control group that ends badly': group(`${MAY} ${IDENTITY}`, 'ttl = "soon"'),
    'a control group without identity': group(MAY),
    'a control group without groups': group(`${MAY} identity { approvals = 1 }`),
    'a control group without approvals': group(`${MAY} identity { group_names = ["g"] }`),
    'a control group of unknown capabilities': group(`controlled_capabilities = ["foo"] ${IDENTITY}`),
    'a second control group of nobody': `path "a" { control_group { factor "f" { ${MAY} ${IDENTITY} } } control_group { ttl = 5 } }`,
    'a key without a value': a('capabilities'),
    'two keys with an assignment': 'path "a" = {}',
    'a block without a key': a('{}'),
    'an assignment without a key': '= 1',
    'a closing brace too many': `${a('')}}`,
    'a block without its end': 'path "a" {',
    'a list without its end': 'path "a" { capabilities = ["read" }',
    'a list without commas': a('capabilities = ["read" "list"]'),
    'a word in a list': a('capabilities = [read]'),
    'a word as a value': a('policy = read'),
    'a string on two lines': a('policy = "re\nad"'),
    'a string without its end': 'path "a',
    'an unknown escape': 'path "\\/" {}',
    'an escape beyond Unicode': 'path "\\U00110000" {}',
    'an escape beyond a byte': 'path "\\777" {}',
    'a comment without its end': '/* a *',
    'a lone slash': '/ a',
    'a byte order mark': `\ufeff${a('')}`,
    'a NUL': `${a('')}\0`,
    'a character that Vault keeps for itself': '# \ue123',
    'a heredoc without its end': a('comment = <<EOF\nx'),
    'an indented heredoc whose end is not': a('comment = <<-EOF\n  x\nEOF\n'),
    'a heredoc without its anchor': a('comment = <<\nx\n'),
    'an octal number with a nine': a('min_wrapping_ttl = 019'),
    'a hexadecimal number without digits': a('min_wrapping_ttl = 0x'),
    'JSON with an escaped slash': '{"path": {"a\\/b": {}}}',
    'JSON with an escaped surrogate pair': '{"path": {"\\ud83d\\ude00": {}}}',
    'JSON with a null in a list': '{"path": {"a": {"capabilities": [null]}}}',
    'JSON with a null for a list': json({ capabilities: null }),
    'JSON with parameters alone': json({ allowed_parameters: { x: [1] } }),
    'JSON with an inner list that ends': '{"path": {"a": {"capabilities": [["read"], "list"]}}}',
    'JSON with a comment': '{ # a\n}',
    'JSON with a word': '{"name": yes}',
    'JSON with a number that starts with zero': '{"name": 01}',
    'JSON that ends in a list': '{"path": {"a": {"capabilities": ["read"',
    'JSON with a key that is a number': '{1: 2}',
    'a list of JSON': '[{"path": {}}]',
  },
  OpenBao: {
    'to scan': a('capabilities = ["scan"]'),
    'a limit of pages': a('capabilities = ["list"] pagination_limit = 5'),
    'a limit of pages in quotes': a('capabilities = ["list"] pagination_limit = "0x5"'),
    'an end': a('capabilities = ["read"] expiration = "2999-01-01T00:00:00.5+02:00"'),
    'an end in seconds': a('capabilities = ["read"] expiration = 32472144000'),
    'a filter of keys': a(`capabilities = ["list"] ${FILTER} = "{{ .path }}{{ .key }}"`),
    'a control group of more than the path allows': group(`controlled_capabilities = ["list"] ${IDENTITY}`),
  },
  Vault: {
    'to subscribe': a('capabilities = ["subscribe"]'),
    'events to subscribe to': a('capabilities = ["subscribe"] subscribe_event_types = ["*"]'),
    'JSON with a control group alone': json({
      capabilities: ['read'],
      control_group: { factor: { f: { identity: { group_names: ['g'], approvals: 1 } } } },
    }),
    'a control group by the ids of groups': group(`${MAY} identity { group_ids = ["g"] approvals = 1 }`),
    'a control group of all capabilities': group(IDENTITY),
    'a control group with unknown keys': group(`${MAY} foo = 1 ${IDENTITY}`),
    'a control group in capitals': a(
      'capabilities = ["read"] control_group { Factor "f" { IDENTITY { Group_Names = ["g"] approvals = 1 } } }',
    ),
    'a control group of a denied path': a('policy = "deny" control_group { ttl = "soon" }'),
  },
};

/** What we take though the servers of these versions do not, and the other way round. */
const differences: readonly PolicyCase[] = [
  // Later releases of Vault know the word.
  { name: 'to recover', text: a('capabilities = ["recover"]'), takenBy: [], ours: true },
  // Its parser forgets a mistake that a closing brace ends.
  { name: 'a value that is missing', text: 'path "a" { capabilities = }}', takenBy: ['Vault'], ours: false },
  {
    name: 'a list cut short',
    text: 'path "a" { capabilities = ["read", }}',
    takenBy: ['Vault'],
    ours: false,
  },
  // Bytes that are no text.
  { name: 'a byte', text: 'path "\\xff" {}', takenBy: ['OpenBao', 'Vault'], ours: false },
  // More than anyone writes.
  {
    name: 'many lists in each other',
    text: a(`comment = ${'['.repeat(100)}${']'.repeat(100)}`),
    takenBy: ['OpenBao', 'Vault'],
    ours: false,
  },
  // A template of Go's that only the server can try.
  {
    name: 'a filter that is no template',
    text: a(`capabilities = ["list"] ${FILTER} = "{{ .key"`),
    takenBy: [],
    ours: true,
  },
  // We have no clock: the server looks no further at what has ended.
  {
    name: 'mistakes in what has ended',
    text: 'path "+*" { expiration = "2001-01-01T00:00:00Z" }',
    takenBy: ['OpenBao'],
    ours: false,
  },
];

export const POLICY_CASES: readonly PolicyCase[] = [
  ...Object.entries(texts).flatMap(([taken, cases]) =>
    Object.entries(cases).map(([name, text]) => ({
      name,
      text,
      takenBy: SERVERS[taken as Taken],
      ours: taken !== 'none',
    })),
  ),
  ...differences,
];
