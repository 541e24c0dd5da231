/** Single keys, for those who want them: WCAG 2.1.4 has them switched off by whoever speaks to the page. */

const SETTING = 'countersign.keys';

export function keysAreOn(): boolean {
  return localStorage.getItem(SETTING) !== 'off';
}

export function setKeys(on: boolean): void {
  localStorage.setItem(SETTING, on ? 'on' : 'off');
}

export interface KeyActions {
  readonly go: (path: string) => void;
  readonly help: () => void;
}

const VIEWS: Readonly<Record<string, string>> = { '1': '/denials', '2': '/grants', '3': '/report' };

/** A key does what the button or link of the same `data-key` does, where there is one to be seen. */
export function onKey(event: KeyboardEvent, actions: KeyActions): void {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.querySelector('dialog[open]') !== null) return;
  const typing = target instanceof Element && target.matches('input, textarea, select');
  if (event.key === 'Escape') return escape(target, typing);
  if (typing || !keysAreOn()) return;
  const act = actOf(event.key, actions);
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function actOf(key: string, { go, help }: KeyActions): (() => void) | undefined {
  const view = VIEWS[key];
  if (view !== undefined) return () => go(view);
  switch (key) {
    case '?':
      return help;
    case '/':
      return () => document.getElementById('filter-text')?.focus();
    case 'j':
    case 'ArrowDown':
      return move(key, 1);
    case 'k':
    case 'ArrowUp':
      return move(key, -1);
    default: {
      const button = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
      return button === null ? undefined : () => button.click();
    }
  }
}

function escape(target: EventTarget | null, typing: boolean): void {
  if (typing && target instanceof HTMLElement) return target.blur();
  document.querySelector<HTMLElement>('[data-back]')?.click();
}

/** Arrow keys scroll, unless a row has the focus. */
function move(key: string, by: 1 | -1): (() => void) | undefined {
  const all = document.querySelectorAll<HTMLElement>('[data-row]');
  const rows = [...all].filter((row) => row.offsetParent !== null);
  const focused = rows.findIndex((row) => row === document.activeElement);
  if (key.startsWith('Arrow') && focused < 0) return undefined;
  const from = focused < 0 ? rows.findIndex((row) => row.ariaCurrent === 'true') : focused;
  const next = rows[Math.min(rows.length - 1, Math.max(0, from + by))];
  return next === undefined ? undefined : () => next.focus();
}
