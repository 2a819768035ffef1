/** Save: a menu of files the finished figure can be had as, with their sizes, and of how many triangles its mesh has. */
import { type KeyboardEvent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { ExportFormat } from '../../client/digitizer-api.ts';
import { fileKey } from '../../store/save-slice.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import { formatBytes, MESH_SIZE_NAMES } from '../words.ts';
import { MeshSizeItems } from './mesh-size-choice.tsx';
import { SAVE_GROUPS, type SaveFileEntry, SIZED_FORMATS, writesVideo } from './save-files.ts';
import styles from './save-menu.module.css';

const PrintDialog = lazy(() => import('./print-dialog.tsx'));

/** Sizes are made while the menu is open, anew when something is chosen that changes them. */
function useSizes(open: boolean) {
  const { prepareFiles, stopPreparing } = useActions();
  const { choice, making } = useAppState((s) => ({
    choice: fileKey(s, 'meshPly'),
    making: s.simplifying !== null,
  }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `choice` names what the sizes are of
  useEffect(() => {
    if (!open || making) return;
    void prepareFiles(SIZED_FORMATS);
    return () => void stopPreparing();
  }, [open, making, choice, prepareFiles, stopPreparing]);
}

function FileItem({ file, onSave }: { file: SaveFileEntry; onSave: (format: ExportFormat) => void }) {
  const impossible = file.format === 'webm' && !writesVideo();
  const { saving, sizeBytes, done } = useAppState((s) => ({
    saving: s.saving !== null,
    sizeBytes: s.fileSizes[fileKey(s, file.format)],
    done: s.run.kind === 'done',
  }));
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={styles.item}
      disabled={saving || impossible}
      data-testid={file.testId}
      onClick={() => onSave(file.format)}
    >
      <b>{file.name}</b>
      <em data-testid={`${file.testId}-size`}>
        {sizeBytes !== undefined ? formatBytes(sizeBytes) : file.unsized || !done ? '' : '…'}
      </em>
      <span>
        {impossible ? 'this browser writes no video; take the picture or the web page' : file.words}
      </span>
    </button>
  );
}

function TransparentItem() {
  const transparent = useAppState((s) => s.fileOptions.transparent);
  const { setFileOptions } = useActions();
  return (
    <button
      type="button"
      role="menuitemcheckbox"
      aria-checked={transparent}
      tabIndex={-1}
      className={styles.check}
      data-testid="save-transparent"
      onClick={() => setFileOptions({ transparent: !transparent })}
    >
      Transparent picture
    </button>
  );
}

/** Through the system's share sheet, where there is one that takes pictures. */
function ShareItem({ onShare }: { onShare: (format: ExportFormat) => void }) {
  const saving = useAppState((s) => s.saving !== null);
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={styles.item}
      disabled={saving}
      data-testid="share-picture"
      onClick={() => onShare('png')}
    >
      <b>Share…</b>
      <em />
      <span>the picture, with any app on this device</span>
    </button>
  );
}

function AxisItems() {
  const up = useAppState((s) => s.fileOptions.up);
  const { setFileOptions } = useActions();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of menu items, not of form fields
    <div className={styles.axis} role="group" aria-label="Axis that is up in OBJ and PLY">
      <span>Up in OBJ and PLY</span>
      {(['y', 'z'] as const).map((axis) => (
        <button
          key={axis}
          type="button"
          role="menuitemradio"
          aria-checked={up === axis}
          tabIndex={-1}
          data-testid={`save-up-${axis}`}
          onClick={() => setFileOptions({ up: axis })}
        >
          {axis}
        </button>
      ))}
    </div>
  );
}

export function SaveMenu() {
  const { ready, saving, making, done, printOpen } = useAppState((s) => ({
    ready: s.mesh !== null,
    saving: s.saving,
    making: s.simplifying?.size ?? null,
    done: s.run.kind === 'done',
    printOpen: s.printOpen,
  }));
  const { save, share, canShare, cancelSave, setPrintOpen, saveProject } = useActions();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useSizes(open && ready && done);

  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    const onDown = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [open]);

  // The browser would save the page, which is of no use to anybody.
  useEffect(() => {
    const onSave = (event: globalThis.KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      if (ready && !document.querySelector('dialog[open]')) setOpen(true);
    };
    document.addEventListener('keydown', onSave);
    return () => document.removeEventListener('keydown', onSave);
  }, [ready]);

  function onKey(event: KeyboardEvent) {
    if (!open) return;
    if (event.key === 'Escape') {
      setOpen(false);
      button.current?.focus();
    }
    // A menu is one stop: Tab closes it and goes on from its button.
    if (event.key === 'Tab') {
      button.current?.focus();
      setOpen(false);
    }
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const items = [...(root.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
      const at = items.indexOf(document.activeElement as HTMLElement);
      items[(at + step + items.length) % items.length]?.focus();
    }
  }

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (format: ExportFormat) => {
    close();
    void save(format);
  };
  const chooseShare = (format: ExportFormat) => {
    close();
    void share(format);
  };
  const percent = saving && saving.fraction > 0 ? ` ${Math.round(saving.fraction * 100)} %` : '';

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys bubble up from the button and the menu items
    <div
      ref={root}
      className={styles.root}
      onKeyDown={onKey}
      onBlur={(event) => {
        // Focus went elsewhere by other ways than Tab; null when the whole window lost it.
        if (event.relatedTarget && !root.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
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
        {saving ? `Saving…${percent}` : 'Save'}
        <Icon name="chevron" size={14} />
      </button>
      {printOpen && (
        <Suspense fallback={null}>
          <PrintDialog />
        </Suspense>
      )}
      {open && (
        <div className={styles.menu} role="menu" aria-label="Save as">
          {saving && (
            <button
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={styles.item}
              data-testid="save-cancel"
              onClick={() => void cancelSave()}
            >
              <b>Stop saving</b>
              <em>{percent}</em>
              <span>nothing is written; the figure stays</span>
            </button>
          )}
          {done && (
            <div className={styles.sizes}>
              <p className={styles.title}>
                Triangles
                <em>
                  {making ? `making ${MESH_SIZE_NAMES[making]}; saving waits for it` : 'of every mesh file'}
                </em>
              </p>
              <MeshSizeItems />
            </div>
          )}
          {SAVE_GROUPS.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: a group of menu items, not of form fields
            <div key={group.title} className={styles.group} role="group" aria-label={group.title}>
              <p className={styles.title}>{group.title}</p>
              {group.files.map((file) => (
                <FileItem key={file.format} file={file} onSave={choose} />
              ))}
              {group.files.some(({ format }) => format === 'stl') && done && (
                <button
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  className={styles.item}
                  data-testid="open-print"
                  onClick={() => {
                    close();
                    setPrintOpen(true);
                  }}
                >
                  <b>Print…</b>
                  <em />
                  <span>height, plinth, thin walls; one solid</span>
                </button>
              )}
              {group.files.some(({ axis }) => axis) && <AxisItems />}
              {group.files.some(({ format }) => format === 'png') && (
                <>
                  <TransparentItem />
                  {canShare() && <ShareItem onShare={chooseShare} />}
                </>
              )}
            </div>
          ))}
          <button
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={styles.item}
            data-testid="save-project"
            onClick={() => {
              setOpen(false);
              button.current?.focus();
              void saveProject('open');
            }}
          >
            <b>Project</b>
            <span>photo, edits and figure, to go on elsewhere</span>
          </button>
        </div>
      )}
    </div>
  );
}
