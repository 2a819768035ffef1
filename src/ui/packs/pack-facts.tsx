/** What a pack is and how good it is, in the same words on every card. */
import type { PackDetails } from '../../client/digitizer-api.ts';
import { formatBytes, formatParameters, widthWords } from '../words.ts';
import styles from './pack-facts.module.css';
import { statedValue } from './pack-gains.ts';

/** @param where where the pack is, in a few words. */
export function PackFacts({ pack, where }: { pack: PackDetails; where: string }) {
  return (
    <>
      <p className={styles.facts}>
        <span>version {pack.version}</span>
        <span>{pack.licence}</span>
        <span>
          {formatBytes(pack.sizeBytes)}, {pack.precision}
        </span>
        <span>{where}</span>
      </p>
      <p className={styles.facts}>
        <span>{formatParameters(pack.parameterCount)} parameters</span>
        <span>{widthWords(pack.widths)}</span>
      </p>
    </>
  );
}

/** @param starter puts its figures beside those of the pack, where both state the same measure. */
export function PackAccuracy({ pack, starter = null }: { pack: PackDetails; starter?: PackDetails | null }) {
  if (pack.accuracy.length === 0) {
    return <p className={styles.unmeasured}>Accuracy: {pack.accuracyNote || 'not measured'}</p>;
  }
  const starterValues = pack.accuracy.map(
    ({ measure, unit }) => starter && statedValue(starter, measure, unit),
  );
  const compared = starterValues.some((value) => typeof value === 'number');
  return (
    <details className={styles.accuracy}>
      <summary>Measured accuracy and training data</summary>
      <table>
        {compared && (
          <thead>
            <tr>
              <td />
              <th scope="col">starter</th>
              <th scope="col">this pack</th>
            </tr>
          </thead>
        )}
        <tbody>
          {pack.accuracy.map(({ measure, value, unit }, i) => (
            <tr key={measure}>
              <th scope="row">{measure}</th>
              {compared && <td className={styles.other}>{starterValues[i] ?? '–'}</td>}
              <td>
                {value} {unit}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{pack.accuracyNote}</p>
      <p>Trained on: {pack.trainingData}</p>
    </details>
  );
}
