import { describe, expect, it } from 'vitest';
import { crdPages } from '../../../scripts/generate/crd.ts';
import { checkPage } from '../../../scripts/generate/page.ts';
import { type CustomKind, crdOf } from '../../../src/api/crd.ts';

const KIND: CustomKind = {
  kind: 'Thing',
  plural: 'things',
  scope: 'Namespaced',
  shortNames: ['th'],
  description: 'A thing.',
  schema: {
    properties: {
      spec: {
        type: 'object',
        additionalProperties: false,
        required: ['names'],
        'x-kubernetes-validations': [{ rule: 'true', message: 'never' }],
        properties: {
          names: { type: 'array', uniqueItems: true, items: { type: 'string' } },
          order: { type: 'array', maxItems: 2, items: { type: 'object', additionalProperties: false } },
          labels: {
            type: 'object',
            additionalProperties: { type: 'object', additionalProperties: false, properties: {} },
          },
        },
      },
    },
  },
  columns: [],
};

describe('a CustomResourceDefinition', () => {
  it('has a schema as the API server takes it', () => {
    const crd = crdOf(KIND);

    expect(crd).toMatchObject({
      metadata: { name: 'things.countersign.dev' },
      spec: { names: { singular: 'thing', listKind: 'ThingList', categories: ['countersign'] } },
    });
    expect(crd).toHaveProperty('spec.versions[0].schema.openAPIV3Schema', {
      description: 'A thing.',
      type: 'object',
      required: ['spec'],
      properties: {
        spec: {
          type: 'object',
          required: ['names'],
          'x-kubernetes-validations': [{ rule: 'true', message: 'never' }],
          properties: {
            names: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
            order: {
              type: 'array',
              maxItems: 2,
              'x-kubernetes-list-type': 'atomic',
              items: { type: 'object' },
            },
            labels: { type: 'object', additionalProperties: { type: 'object', properties: {} } },
          },
        },
      },
    });
    expect(crd).not.toHaveProperty('spec.versions[0].subresources');
  });

  it('has a status of its own where there is one', () => {
    const status = { type: 'object', properties: { list: { type: 'array', items: { type: 'string' } } } };

    expect(crdOf({ ...KIND, statusSchema: status })).toMatchObject({
      spec: {
        versions: [
          {
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                properties: {
                  status: { properties: { list: { 'x-kubernetes-list-type': 'atomic' } } },
                },
              },
            },
          },
        ],
      },
    });
  });

  it.each(crdPages)('is written where it is installed from: $path', (page) => {
    expect(checkPage(page, new URL('../../../', import.meta.url))).toEqual({
      ok: true,
      message: 'fresh',
    });
  });
});
