import type { JSONSchema } from 'json-schema-to-ts';
import { NOTICE_EVENTS } from '../core/notice.ts';

/** One receiver of `notifications` in the configuration file. */
export const NOTIFICATION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['url', 'secretFile'],
  properties: {
    url: {
      type: 'string',
      format: 'receiver-url',
      description:
        'Where notices are sent: `https://…`, or `http://` at the machine itself (127.0.0.1, localhost).',
    },
    secretFile: {
      type: 'string',
      format: 'key-file',
      description:
        'Key of at least 32 bytes that notices are signed with: the bytes of the file as they are. Read anew for each notice.',
    },
    events: {
      type: 'array',
      items: { type: 'string', enum: NOTICE_EVENTS },
      minItems: 1,
      uniqueItems: true,
      default: [...NOTICE_EVENTS],
      description: 'Which are sent.',
    },
    headers: {
      type: 'object',
      maxProperties: 20,
      propertyNames: { pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$' },
      additionalProperties: { type: 'string', pattern: '^[\\x20-\\x7e]{0,1000}$' },
      default: {},
      description:
        'Further headers, such as what a gateway routes by. No place for a credential: the configuration is no secret.',
    },
    ca: {
      type: 'string',
      format: 'pem-certificates',
      description: 'CA certificates of the receiver, PEM. Without it and `caFile`: the roots of the system.',
    },
    caFile: { type: 'string', format: 'certificates-file', description: 'The same in a file.' },
    timeoutSeconds: {
      type: 'integer',
      minimum: 1,
      maximum: 60,
      default: 10,
      description: 'How long one attempt may take.',
    },
  },
} as const satisfies JSONSchema;
