import { expect, it } from 'vitest';
import { carriesOut } from '../../../../src/core/admission/controllers.ts';

it.each([
  'system:serviceaccount:kube-system:clusterrole-aggregation-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:service-account-controller',
  'system:kube-controller-manager',
  'system:apiserver',
])('%s carries out what somebody else asked for', (username) => {
  expect(carriesOut(username)).toBe(true);
});

it.each(['', 'jane', 'system:serviceaccount:shop:namespace-controller', 'system:kube-scheduler'])(
  '%j speaks for itself',
  (username) => {
    expect(carriesOut(username)).toBe(false);
  },
);
