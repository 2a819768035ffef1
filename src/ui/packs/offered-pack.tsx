/** A pack that the server has and this browser has not: what it does better, how large it is, and its way in here. */
import { useEffect, useRef } from 'react';
import type { PackDetails } from '../../client/digitizer-api.ts';
import type { PackDownload } from '../../store/session-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import { formatBytes, formatPart } from '../words.ts';
import { focusIfLost } from './focus.ts';
import styles from './offered-pack.module.css';
import cardStyles from './pack-card.module.css';
import { PackAccuracy, PackFacts } from './pack-facts.tsx';
import { gainsOver } from './pack-gains.ts';

interface Props {
  readonly pack: PackDetails;
  /** Null when its manifest could not be read: then there is nothing to compare with. */
  readonly starter: PackDetails | null;
}

export function OfferedPack({ pack, starter }: Props) {
  const download = useAppState((s) => s.packDownload);
  const own = download?.packId === pack.id ? download : null;
  return (
    <li className={cardStyles.card} data-offered="true" data-testid={`offer-${pack.id}`}>
      <h3 className={cardStyles.name}>{pack.name}</h3>
      <PackFacts pack={pack} where="not downloaded" />
      {starter && <Gains pack={pack} starter={starter} />}
      <PackAccuracy pack={pack} starter={starter} />
      <div role="alert">
        {own?.kind === 'failed' && (
          <p className={styles.problem} data-testid="offer-problem">
            <b>{own.error.message}</b> {own.error.fix}
          </p>
        )}
      </div>
      {own && own.kind !== 'failed' ? (
        <Progress pack={pack} download={own} />
      ) : (
        <DownloadButton pack={pack} again={own !== null} busy={download !== null && own === null} />
      )}
    </li>
  );
}

/** Better figures beside the starter's, and what they cost. */
function Gains({ pack, starter }: { pack: PackDetails; starter: PackDetails }) {
  const gains = gainsOver(pack, starter);
  const times = pack.parameterCount / starter.parameterCount;
  return (
    <>
      {gains.length > 0 && (
        <dl className={styles.gains} data-testid="offer-gains">
          {gains.map(({ label, sides, unit, values, otherValues }) => (
            <div key={label}>
              <dt>
                {label}
                {sides && <small>{sides}</small>}
              </dt>
              <dd>
                {values.map((value) => value.toFixed(1)).join(' · ')}
                {unit === 'degrees' ? '°' : <span> {unit}</span>}
                <small>starter {otherValues.map((value) => value.toFixed(1)).join(' · ')}</small>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {times >= 1.5 && (
        <p className={styles.cost}>
          {times.toFixed(times < 9.95 ? 1 : 0)} times the starter’s parameters: a photo takes longer.
        </p>
      )}
    </>
  );
}

function DownloadButton({ pack, again, busy }: { pack: PackDetails; again: boolean; busy: boolean }) {
  const { downloadPack } = useActions();

  async function download() {
    const key = await downloadPack(pack.id);
    if (key) focusIfLost(`[data-testid="pack-${CSS.escape(key)}"] [data-testid="pack-use"]`);
    else focusIfLost(`[data-testid="offer-${CSS.escape(pack.id)}"] [data-testid="offer-download"]`);
  }

  return (
    <div className={cardStyles.actions}>
      <button
        type="button"
        className={`${cardStyles.use} ${styles.download}`}
        disabled={busy}
        data-testid="offer-download"
        onClick={() => void download()}
      >
        <Icon name="save" size={14} />
        {again ? 'Try again' : 'Download'}, {formatBytes(pack.sizeBytes)}
      </button>
      <span className={styles.hint}>kept in this browser, until you remove it</span>
    </div>
  );
}

function Progress({
  pack,
  download,
}: {
  pack: PackDetails;
  download: Exclude<PackDownload, { kind: 'failed' }>;
}) {
  const { cancelDownload } = useActions();
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), []);
  const { kind, fraction } = download;
  const checking = fraction >= 1;
  const words = { running: checking ? 'Checking' : 'Downloading', cancelling: 'Cancelling' }[kind];
  return (
    <div className={styles.progress} data-testid="offer-progress">
      <span role="status">{words}…</span>
      {/* A screen reader hears the words, not every percent. */}
      <span className={styles.bytes} aria-hidden="true">
        {formatPart(fraction * pack.sizeBytes, pack.sizeBytes)}
      </span>
      <progress aria-label={`${words} ${pack.name}`} max={1} value={checking ? undefined : fraction} />
      <button
        ref={cancel}
        type="button"
        disabled={kind === 'cancelling'}
        data-testid="offer-cancel"
        onClick={() => void cancelDownload()}
      >
        Cancel
      </button>
    </div>
  );
}
