/** The first page: one sentence, one place for the photo, samples, and what will do the work here. */
import { useId, useRef } from 'react';
import { useActions, useAppState } from '../app-context.tsx';
import { Gallery } from '../keep/gallery.tsx';
import { QueuePanel } from '../keep/queue-panel.tsx';
import { Icon } from '../kit/icons.tsx';
import { Logo } from '../kit/logo.tsx';
import { ProblemBanner } from '../kit/problem-banner.tsx';
import { Shortcuts } from '../kit/shortcuts.tsx';
import { ThemeButton } from '../kit/theme.tsx';
import { useChoosing } from '../kit/use-media.ts';
import { PacksButton } from '../packs/packs-button.tsx';
import { ACCEPTED_FILES } from './accepted-files.ts';
import styles from './first-page.module.css';
import { HeroFigure } from './hero-figure.tsx';
import { MachineLine } from './machine-line.tsx';
import { SampleStrip } from './sample-strip.tsx';

export function FirstPage() {
  const { openFiles } = useActions();
  const pending = useAppState((s) => s.pending);
  const returning = useAppState((s) => (s.projects?.length ?? 0) > 0 || s.queue.length > 0);
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();
  const choosing = useChoosing();
  const waiting = pending ? [pending.poseJson && pending.poseName, pending.mask && pending.maskName] : [];

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <Logo />
        <div className={styles.corner}>
          <span className={styles.private}>
            <Icon name="lock" size={14} /> Nothing is uploaded
          </span>
          <PacksButton>Model packs</PacksButton>
          <ThemeButton />
          <Shortcuts />
        </div>
      </header>
      <ProblemBanner />
      <main className={styles.main}>
        <div className={styles.text}>
          <h1 className={styles.title} tabIndex={-1} data-focus-home="first page">
            One photo.
            <br />A figure you can turn.
          </h1>
          <p className={styles.lead}>
            {choosing
              ? 'Choose a picture of a standing person. The 3D model is made here, on your own device; the photo never leaves it.'
              : 'Drop a picture of a standing person. Your own machine makes the 3D model here, in this page. The photo never leaves your device.'}
          </p>
          <section className={styles.drop} data-testid="drop-zone" aria-label="Photo">
            <div className={styles.dropWords}>
              {!choosing && <strong>Drop a photo</strong>}
              <span id={hint}>
                {choosing
                  ? 'JPEG, PNG, WebP, AVIF or HEIC, best near 2000 pixels high.'
                  : 'or paste one. JPEG, PNG, WebP, AVIF or HEIC, best near 2000 pixels high. A keypoints JSON or a mask may come along.'}
              </span>
              {waiting.filter(Boolean).map((name) => (
                <span key={name} className={styles.pending}>
                  <Icon name="check" size={14} /> {name} is here, now its photo
                </span>
              ))}
            </div>
            <button
              type="button"
              className={styles.choose}
              aria-describedby={hint}
              onClick={() => input.current?.click()}
            >
              Choose a photo
            </button>
            <input
              ref={input}
              className="visually-hidden"
              type="file"
              multiple
              accept={ACCEPTED_FILES}
              tabIndex={-1}
              aria-label="Choose a photo"
              data-testid="file-input"
              onChange={(event) => {
                const files = [...(event.currentTarget.files ?? [])];
                event.currentTarget.value = '';
                void openFiles(files);
              }}
            />
          </section>
          <SampleStrip />
        </div>
        <div className={styles.hero} data-returning={returning}>
          <HeroFigure />
        </div>
      </main>
      <div className={styles.kept}>
        <QueuePanel />
        <Gallery />
      </div>
      <MachineLine />
    </div>
  );
}
