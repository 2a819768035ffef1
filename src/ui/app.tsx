/** The page: the first page while there is no photo, the studio once there is one, and drops anywhere on both. */
import { lazy, Suspense } from 'react';
import { useAppState } from './app-context.tsx';
import { FileIntake } from './file-intake.tsx';
import { FirstPage } from './first-page/first-page.tsx';
import { useBackendMark } from './kit/use-backend-mark.ts';
import { useTitle } from './kit/use-title.ts';
import { ViewGuard } from './kit/view-guard.tsx';

const Studio = lazy(() => import('./studio/studio.tsx'));
const PacksDialog = lazy(() => import('./packs/packs-dialog.tsx'));

export function App() {
  const hasPhoto = useAppState((s) => s.input !== null && s.page === 'studio');
  useTitle();
  useBackendMark();
  const packsOpen = useAppState((s) => s.packsOpen);
  return (
    <FileIntake>
      {hasPhoto ? (
        <ViewGuard of="studio">
          <Suspense fallback={null}>
            <Studio />
          </Suspense>
        </ViewGuard>
      ) : (
        <FirstPage />
      )}
      {packsOpen && (
        <Suspense fallback={null}>
          <PacksDialog />
        </Suspense>
      )}
    </FileIntake>
  );
}
