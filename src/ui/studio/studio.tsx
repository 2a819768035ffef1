/** The studio: bar on top, stages at the left, the view in the middle, the inspector at the right. */
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useActions, useAppState } from '../app-context.tsx';
import { useEditKeys } from '../edit/edit-keys.ts';
import { ProblemBanner } from '../kit/problem-banner.tsx';
import { ViewGuard } from '../kit/view-guard.tsx';
import { useFolded } from './folding.tsx';
import { Inspector } from './inspector.tsx';
import { PeopleBar } from './people-chooser.tsx';
import { ProgressLine } from './progress-line.tsx';
import { SavingLine } from './saving-line.tsx';
import { SimplifyLine } from './simplify-line.tsx';
import { StageRail } from './stage-rail.tsx';
import styles from './studio.module.css';
import { TopBar } from './top-bar.tsx';

const VIEWS = {
  photo: lazy(() => import('../views/photo-view.tsx')),
  parts: lazy(() => import('../views/parts-view.tsx')),
  maps: lazy(() => import('../views/maps-view.tsx')),
  model: lazy(() => import('../views/model-view.tsx')),
} as const;

/** A figure from storage gets its maps once a view wants them; when that fails, not again by itself. */
function useWaking(): void {
  const { wants, photo } = useAppState((s) => ({
    wants: s.restored && (s.view !== 'model' || s.shading === 'parts') && s.run.kind === 'done',
    photo: s.input?.photo ?? null,
  }));
  const { wake } = useActions();
  const tried = useRef<string | null>(null);
  useEffect(() => {
    if (!wants || tried.current === photo) return;
    tried.current = photo;
    void wake();
  }, [wants, photo, wake]);
}

export default function Studio() {
  const { view, fileName } = useAppState((s) => ({ view: s.view, fileName: s.input?.fileName }));
  const View = VIEWS[view];
  useWaking();
  useEditKeys();
  const folded = useFolded();
  return (
    <div className={styles.studio} data-rail={folded.rail} data-inspector={folded.inspector}>
      <TopBar />
      <div className={styles.banner}>
        <ProblemBanner />
      </div>
      <StageRail />
      <main className={styles.middle}>
        <h1 className="visually-hidden" tabIndex={-1} data-focus-home="studio">
          {fileName}
        </h1>
        <div id="view-panel" className={styles.panel} role="tabpanel" aria-labelledby={`tab-${view}`}>
          <ViewGuard of={view}>
            <Suspense fallback={null}>
              <View />
            </Suspense>
          </ViewGuard>
        </div>
        <PeopleBar />
        <ProgressLine />
        <SimplifyLine />
        <SavingLine />
      </main>
      <Inspector />
    </div>
  );
}
