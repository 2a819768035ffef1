/** The keys of the page, in a list that “?” and a button open; and those that work anywhere in the studio. */
import { type MouseEvent, useEffect, useRef, useState } from 'react';
import { VIEW_IDS } from '../../store/view-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { useFolded } from '../studio/folding.tsx';
import { Icon } from './icons.tsx';
import styles from './shortcuts.module.css';

const GROUPS: readonly {
  readonly title: string;
  readonly keys: readonly (readonly [keys: string, does: string])[];
}[] = [
  {
    title: 'Anywhere',
    keys: [
      ['?', 'this list'],
      ['Ctrl V', 'open the picture that was copied'],
      ['Tab', 'to the next control; arrow keys inside a row of choices'],
      ['Esc', 'close a menu, a dialog, the details; let go of a drag'],
    ],
  },
  {
    title: 'Studio',
    keys: [
      ['1 2 3 4', 'Photo, Parts, Maps, Model'],
      ['Ctrl Z', 'undo'],
      ['Ctrl Shift Z', 'redo'],
      ['[ ]', 'fold or show the stages, the details'],
      ['Ctrl S', 'the menu of files to save'],
    ],
  },
  {
    title: 'Pictures',
    keys: [
      ['← ↑ → ↓', 'move the picture; the seam between two maps'],
      ['+ −', 'closer, farther'],
      ['0', 'all of it'],
      ['Enter', 'explain the point in the middle'],
      ['Space, drag', 'move the picture while a tool is in hand; so does the middle button'],
    ],
  },
  {
    title: 'Tools of the photo',
    keys: [
      ['V J P', 'look, move joints, paint the outline'],
      ['X', 'brush: add or remove'],
      ['[ ]', 'brush: smaller, larger; with Shift softer, harder'],
    ],
  },
  {
    title: 'Model',
    keys: [
      ['← ↑ → ↓', 'turn the figure; move the seam or the section'],
      ['+ −', 'closer, farther'],
      ['0', 'as the photo has it'],
      ['Enter', 'explain, or measure, the point in the middle'],
      ['F', 'look at the point in the middle from near, as a double-click does'],
      ['M', 'measure'],
      ['X', 'cut it open'],
      ['B', 'compare with the figure before'],
      ['G', 'squares on the floor'],
    ],
  },
];

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  target.matches('input:not([type="range"]), select, textarea, [contenteditable]');

export function Shortcuts() {
  const inStudio = useAppState((s) => s.page === 'studio' && s.input !== null);
  const { setView, setFolded } = useActions();
  const folded = useFolded();
  const now = useRef(folded);
  now.current = folded;
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      if (event.key === '?') {
        event.preventDefault();
        setOpen(true);
      }
      const view = inStudio ? VIEW_IDS[Number(event.key) - 1] : undefined;
      if (view) setView(view);
      if (inStudio && event.key === '[') setFolded({ rail: !now.current.rail });
      if (inStudio && event.key === ']') setFolded({ inspector: !now.current.inspector });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [inStudio, setView, setFolded]);
  return (
    <>
      <button
        type="button"
        className={styles.open}
        aria-label="Keyboard shortcuts"
        aria-haspopup="dialog"
        title="Keyboard shortcuts (?)"
        data-testid="shortcuts-button"
        onClick={() => setOpen(true)}
      >
        ?
      </button>
      {open && <ShortcutsDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function ShortcutsDialog({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  function onBackdrop(event: MouseEvent) {
    if (event.target === dialog.current) dialog.current.close();
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a native dialog
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby="shortcuts-title"
      data-testid="shortcuts"
      onClick={onBackdrop}
      onClose={onClose}
    >
      <div className={styles.body}>
        <div className={styles.head}>
          <h2 id="shortcuts-title">Keyboard</h2>
          <button type="button" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </div>
        {GROUPS.map(({ title, keys }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, does]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
