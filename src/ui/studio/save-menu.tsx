/** Save: a menu of files the finished figure can be had as, and of how many triangles its mesh has. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ExportFormat } from '../../client/digitizer-api.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import { MESH_SIZE_NAMES } from '../words.ts';
import { MeshSizeItems } from './mesh-size-choice.tsx';
import styles from './save-menu.module.css';

const FILES: readonly { format: ExportFormat; name: string; words: string; testId: string }[] = [
  { format: 'glb', name: 'GLB', words: 'coloured mesh for any 3D program', testId: 'save-glb' },
  {
    format: 'texturedGlb',
    name: 'GLB with texture',
    words: 'the photo’s own pixels and fine normals',
    testId: 'save-textured-glb',
  },
  { format: 'meshPly', name: 'Mesh, PLY', words: 'triangles, colours, normals', testId: 'save-mesh-ply' },
  {
    format: 'cloudPly',
    name: 'Points, PLY',
    words: 'both sides as oriented points',
    testId: 'save-cloud-ply',
  },
  {
    format: 'report',
    name: 'Report, JSON',
    words: 'times, memory, counts of this run',
    testId: 'save-report',
  },
  {
    format: 'referenceFolder',
    name: 'Maps and clouds, ZIP',
    words: 'depth, normals, masks, clouds, as in 2K2K',
    testId: 'save-reference',
  },
];

export function SaveMenu() {
  const { ready, saving, making, done } = useAppState((s) => ({
    ready: s.mesh !== null,
    saving: s.saving,
    making: s.simplifying?.size ?? null,
    done: s.run.kind === 'done',
  }));
  const { save } = useActions();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    const onDown = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [open]);

  function onKey(event: KeyboardEvent) {
    if (!open) return;
    if (event.key === 'Escape') {
      setOpen(false);
      button.current?.focus();
    }
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const items = [...(root.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
      const at = items.indexOf(document.activeElement as HTMLElement);
      items[(at + step + items.length) % items.length]?.focus();
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys bubble up from the button and the menu items
    <div ref={root} className={styles.root} onKeyDown={onKey}>
      <button
        ref={button}
        type="button"
        className={styles.save}
        disabled={!ready}
        aria-haspopup="menu"
        aria-expanded={open}
        data-testid="save-button"
        title={ready ? undefined : 'There is no figure to save yet'}
        onClick={() => setOpen(!open)}
      >
        {saving ? 'Saving…' : 'Save'}
        <Icon name="chevron" size={14} />
      </button>
      {open && (
        <div className={styles.menu} role="menu" aria-label="Save as">
          {done && (
            <div className={styles.sizes}>
              <p className={styles.title}>
                Triangles
                <em>
                  {making
                    ? `making ${MESH_SIZE_NAMES[making]}; saving waits for it`
                    : 'GLB, GLB with texture, mesh PLY'}
                </em>
              </p>
              <MeshSizeItems />
            </div>
          )}
          {FILES.map((file) => (
            <button
              key={file.format}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={styles.item}
              disabled={saving !== null}
              data-testid={file.testId}
              onClick={() => {
                setOpen(false);
                button.current?.focus();
                void save(file.format);
              }}
            >
              <b>{file.name}</b>
              <span>{file.words}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
