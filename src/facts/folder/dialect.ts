import type { DocumentOptions, ErrorCode, ParseOptions, ScalarTag, SchemaOptions } from 'yaml';

/** YAML as kubectl reads it: 1.2, and of 1.1 what its Go library kept (sigs.k8s.io/yaml on go-yaml 2). */

const BOOL: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|on)/i.test(text),
};

const OCTAL: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

export const DIALECT: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: 'core',
  customTags: (tags) => [BOOL, OCTAL, ...tags],
  resolveKnownTags: false,
  stringKeys: true,
  // Checked while the tree is read: the library compares each key with every other, which takes minutes for a large map.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
};

/** Our own words: the library's quote the text, which may be a Secret's. */
export const SYNTAX_PROBLEMS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'expected an alias without anchor and tag',
  BAD_ALIAS: 'expected the name of an anchor after *',
  BAD_COLLECTION_TYPE: 'the tag does not fit an object or list',
  BAD_DIRECTIVE: 'expected %YAML or %TAG',
  BAD_DQ_ESCAPE: 'expected an escape that YAML knows after \\',
  BAD_INDENT: 'the indentation does not fit the lines above',
  BAD_PROP_ORDER: 'expected anchor and tag right before their value',
  BAD_SCALAR_START: 'this character can only start a quoted string',
  BLOCK_AS_IMPLICIT_KEY: 'expected one key on the line: quote a value that holds ": "',
  BLOCK_IN_FLOW: 'expected no block within { } or [ ]',
  DUPLICATE_KEY: 'the key is there twice',
  IMPOSSIBLE: 'not YAML',
  KEY_OVER_1024_CHARS: 'expected a key of at most 1024 characters',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'expected a key on one line with ": " behind it',
  MULTIPLE_ANCHORS: 'expected one anchor',
  MULTIPLE_DOCS: 'expected one document',
  MULTIPLE_TAGS: 'expected one tag',
  NON_STRING_KEY: 'expected a string as key',
  RESOURCE_EXHAUSTION: 'nested too deep to be read',
  TAB_AS_INDENT: 'expected spaces as indentation, found a tab',
  TAG_RESOLVE_FAILED: 'the value does not fit its tag',
  UNEXPECTED_TOKEN: 'unexpected text',
};
