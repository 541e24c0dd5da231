import { useState } from 'preact/hooks';
import { Modal } from './dialog.tsx';
import { keysAreOn, setKeys } from './keys.ts';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['j  k', 'next, previous row'],
  ['Enter', 'open the row'],
  ['Esc', 'back to the list'],
  ['/', 'filter by text'],
  ['1  2  3', 'denials, grants, report'],
  ['a', 'approve'],
  ['x', 'reject'],
  ['v', 'revoke'],
  ['c', 'check again whether it would pass'],
  ['p', 'work out the smallest change'],
  ['w', 'ask for a waiver'],
  ['?', 'this help'],
];

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  const [on, setOn] = useState(keysAreOn());
  const change = (value: boolean) => {
    setKeys(value);
    setOn(value);
  };
  return (
    <Modal title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split('  ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={on} onChange={({ currentTarget }) => change(currentTarget.checked)} />
        Single keys do this (Tab, Enter and Escape always work)
      </label>
    </Modal>
  );
}
