/** Drop anywhere and paste anywhere: the whole page takes files, and says so while one hovers over it. */
import { type ReactNode, useEffect, useState } from 'react';
import { useActions, useAppState } from './app-context.tsx';
import styles from './file-intake.module.css';

/** Pasted text that is JSON, as keypoints are, counts as its file. */
function pastedFiles(data: DataTransfer): File[] {
  if (data.files.length > 0) return [...data.files];
  const text = data.getData('text/plain').trim();
  return /^[{[]/.test(text) ? [new File([text], 'pasted.json', { type: 'application/json' })] : [];
}

export function FileIntake({ children }: { children: ReactNode }) {
  const { openFiles } = useActions();
  const hasPhoto = useAppState((s) => s.input !== null && s.page === 'studio');
  const [hovering, setHovering] = useState(false);

  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setHovering(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHovering(false);
    };
    const onDrop = (event: DragEvent) => {
      setHovering(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      void openFiles([...(event.dataTransfer?.files ?? [])]);
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = event.clipboardData ? pastedFiles(event.clipboardData) : [];
      if (files.length === 0) return;
      event.preventDefault();
      void openFiles(files);
    };
    document.addEventListener('dragover', onOver);
    document.addEventListener('dragleave', onLeave);
    document.addEventListener('drop', onDrop);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('dragover', onOver);
      document.removeEventListener('dragleave', onLeave);
      document.removeEventListener('drop', onDrop);
      document.removeEventListener('paste', onPaste);
    };
  }, [openFiles]);

  return (
    <>
      {children}
      <div className={styles.veil} data-shown={hovering} aria-hidden="true">
        <p className={styles.words}>
          {hasPhoto ? 'Drop a new photo, or a pose or mask for this one' : 'Drop the photo anywhere'}
        </p>
      </div>
    </>
  );
}
