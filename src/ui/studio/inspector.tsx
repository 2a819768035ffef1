/** The right side: always shows what is selected. On a phone it is a sheet that comes up when asked for. */
import { useEffect, useRef } from 'react';
import { useActions, useAppState } from '../app-context.tsx';
import { ExplainSection } from '../edit/explain-section.tsx';
import { HistorySection } from '../edit/history-section.tsx';
import { Icon } from '../kit/icons.tsx';
import { VIEW_NAMES } from '../words.ts';
import { FoldButton, useFolded } from './folding.tsx';
import styles from './inspector.module.css';
import { MapsInspector } from './maps-inspector.tsx';
import { MethodSection } from './method-section.tsx';
import { ModelInspector } from './model-inspector.tsx';
import { NoticeList } from './notice-list.tsx';
import { PartsInspector } from './parts-inspector.tsx';
import { PeopleChooser } from './people-chooser.tsx';
import { PhotoInspector } from './photo-inspector.tsx';
import { StageCard } from './stage-card.tsx';

const INSPECTORS = {
  photo: PhotoInspector,
  parts: PartsInspector,
  maps: MapsInspector,
  model: ModelInspector,
} as const;

export function Inspector() {
  const { view, open } = useAppState((s) => ({ view: s.view, open: s.sheetOpen }));
  const { setSheetOpen } = useActions();
  const folded = useFolded().inspector;
  const sheet = useRef<HTMLElement>(null);
  const Content = INSPECTORS[view];
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setSheetOpen(false);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [open, setSheetOpen]);

  return (
    <>
      <button
        type="button"
        className={styles.open}
        aria-expanded={open}
        aria-controls="inspector"
        onClick={() => setSheetOpen(!open)}
      >
        <Icon name="sheet" size={14} /> Details
      </button>
      <aside
        ref={sheet}
        id="inspector"
        className={styles.inspector}
        data-open={open}
        data-folded={folded}
        aria-label={`Details: ${VIEW_NAMES[view]}`}
      >
        <button
          type="button"
          className={styles.close}
          onClick={() => setSheetOpen(false)}
          aria-label="Close details"
        >
          <Icon name="close" />
        </button>
        <div className={styles.fold}>
          <FoldButton panel="inspector" />
        </div>
        <h2 className="visually-hidden">Details: {VIEW_NAMES[view]}</h2>
        {!folded && (
          <>
            <PeopleChooser />
            <ExplainSection />
            <Content />
            <HistorySection />
            <StageCard />
            <MethodSection />
            <NoticeList />
          </>
        )}
      </aside>
    </>
  );
}
