import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { shown } from '../core/text.ts';
import type { ApiError } from './api.ts';

/** Small parts that many views are made of. Text from the cluster comes through `shown`, and is always a text node. */

export function Pill({ kind, value }: { readonly kind: 'risk' | 'state'; readonly value: string }) {
  return value === '' ? null : <span class={`pill ${kind}-${value.toLowerCase()}`}>{shown(value, 40)}</span>;
}

/** Lines stay lines; whatever else would move the eye is shown as what it is. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <p class="prose">
      {text.split(/\r?\n/u).map((line, at) => (
        // biome-ignore lint: lines have no other name
        <span key={at}>{shown(line, 2000)}</span>
      ))}
    </p>
  );
}

/** `ClusterRoleBinding a → ClusterRole b`: a way, step by step. */
export function Via({ path }: { readonly path: string }) {
  return (
    <span class="via">
      {path.split(' → ').map((step, at) => (
        <span class="step" key={at}>
          {at > 0 && <span class="arrow">→ </span>}
          {shown(step, 500)}
        </span>
      ))}
    </span>
  );
}

export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const [done, setDone] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setDone('copied'),
      () => setDone('select and copy by hand'),
    );
  return (
    <button
      type="button"
      class="quiet"
      onClick={() => void copy()}
      onBlur={() => setDone('')}
      aria-label={`Copy ${what}`}
    >
      <span aria-live="polite">{done === '' ? 'Copy' : done}</span>
    </button>
  );
}

export function Command({ text }: { readonly text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <Copy text={text} what={`the command ${text}`} />
    </div>
  );
}

export function Failed({ error, again }: { readonly error: ApiError; readonly again?: () => void }) {
  return (
    <div class="note failed" role="alert">
      {error.message.split('\n').map((line, at) => (
        <p key={at}>{shown(line, 1000)}</p>
      ))}
      {again !== undefined && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <div class="loading" role="status">
      <span class="bar" />
      <span class="bar" />
      <span class="bar" />
      <p>Loading {what} …</p>
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
