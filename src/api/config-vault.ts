import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

const FACTS = {
  type: 'object',
  additionalProperties: false,
  required: ['role', 'tokenFile'],
  description:
    'Read who may log in at the mount and what the policies give, so that scopes at Vault are judged. Without it nothing is read.',
  properties: {
    role: {
      type: 'string',
      minLength: 1,
      description:
        'Role that Countersign itself logs in by. The policy that it needs: `manifests/vault/countersign.hcl`.',
    },
    authMount: {
      type: 'string',
      format: 'mount-path',
      description: 'Mount of that role, where it is not the one that pods log in at.',
    },
    tokenFile: {
      type: 'string',
      format: 'file',
      description: 'Projected service account token that it logs in with. Read anew at each login.',
    },
    refreshSeconds: {
      type: 'integer',
      minimum: 10,
      maximum: 3600,
      default: 300,
      description: 'How often roles and policies are read.',
    },
  },
} as const satisfies JSONSchema;

/** One connection of `vaults` in the configuration file. */
export const VAULT_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['address'],
  properties: {
    address: {
      type: 'string',
      format: 'vault-address',
      description: 'Address of Vault or OpenBao as pods reach it: `https://HOST[:PORT]`, nothing behind it.',
    },
    allowHTTP: {
      type: 'boolean',
      default: false,
      description: 'Allow an `http://` address. Tokens and credentials then cross the network in the clear.',
    },
    namespace: {
      type: 'string',
      format: 'vault-namespace',
      description:
        'Namespace of Vault Enterprise or OpenBao. A Vault without a licence has none and ignores it: logins and secrets are ' +
        'then those of the whole server.',
    },
    authMount: {
      type: 'string',
      format: 'mount-path',
      default: 'kubernetes',
      description: 'Mount of the auth method, without `auth/`.',
    },
    authMethod: {
      type: 'string',
      enum: ['kubernetes', 'jwt'],
      default: 'kubernetes',
      description: 'Kind of the auth method at that mount.',
    },
    audience: {
      type: 'string',
      minLength: 1,
      default: 'vault',
      description: 'Audience of the service account token that a pod logs in with.',
    },
    tokenExpirationSeconds: {
      type: 'integer',
      minimum: 600,
      maximum: 3600,
      default: 3600,
      description: 'Lifetime of that token.',
    },
    ca: {
      type: 'string',
      format: 'pem-certificates',
      description: 'CA certificates of the server, PEM. Without it and `caFile`: the roots of the system.',
    },
    caFile: {
      type: 'string',
      format: 'certificates-file',
      description: 'The same in a file.',
    },
    tlsServerName: {
      type: 'string',
      format: 'host-name',
      description:
        'Name that the certificate of the server must carry, where it is not the host of the address.',
    },
    kvMounts: {
      type: 'array',
      items: { type: 'string', format: 'mount-path' },
      uniqueItems: true,
      default: ['secret'],
      description: 'Mounts of KV version 2, whose values are one level deeper.',
    },
    facts: FACTS,
  },
} as const satisfies JSONSchema;

export type VaultConfig = FromSchema<typeof VAULT_SCHEMA>;
