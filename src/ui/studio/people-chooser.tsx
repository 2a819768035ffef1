/** Several people in a photo: everybody boxed and numbered on it; a click makes that one's figure, "All" everybody's. */
import { useEffect, useRef } from 'react';
import type { PersonBox } from '../../digitizer/types.ts';
import { useActions, useAppState, usePicture } from '../app-context.tsx';
import { Section } from '../kit/readout.tsx';
import styles from './people-chooser.module.css';

const percent = (share: number) => `${(share * 100).toFixed(2)}%`;

const placeOf = ({ left, top, right, bottom }: PersonBox) => ({
  left: percent(left),
  top: percent(top),
  width: percent(right - left),
  height: percent(bottom - top),
});

const doubtOf = ({ doubt }: PersonBox) => (doubt ? `, perhaps a ${doubt}` : '');

export function PeopleChooser() {
  const people = useAppState((s) => s.people);
  const { choosePerson, makeEverybody } = useActions();
  const several = people !== null && people.boxes.length > 1;
  const photo = usePicture(several ? { kind: 'wholePhoto' } : null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element || !photo.value) return;
    element.width = photo.value.width;
    element.height = photo.value.height;
    element.getContext('2d')?.drawImage(photo.value, 0, 0);
  }, [photo.value]);
  if (!several) return null;
  const { boxes, chosen } = people;
  return (
    <Section title={`${boxes.length} people`} aside="click one">
      <div className={styles.photo} data-testid="people">
        <canvas ref={canvas} role="img" aria-label="The whole photo" />
        {boxes.map((box, i) => (
          <button
            key={i}
            type="button"
            className={styles.box}
            style={placeOf(box)}
            aria-pressed={i === chosen}
            aria-label={`Person ${i + 1} from the left${i === chosen ? ', chosen' : ''}${doubtOf(box)}`}
            title={box.doubt ? `Perhaps a ${box.doubt}` : undefined}
            onClick={() => void choosePerson(i + 1)}
          >
            <b>
              {i + 1}
              {box.doubt && '?'}
            </b>
          </button>
        ))}
      </div>
      <button type="button" className={styles.all} onClick={() => void makeEverybody()}>
        All, one after the other <small>each is saved as GLB</small>
      </button>
    </Section>
  );
}

/** The same choice without the picture, where the details are folded away (phones). */
export function PeopleBar() {
  const people = useAppState((s) => s.people);
  const { choosePerson } = useActions();
  if (!people || people.boxes.length < 2) return null;
  return (
    <fieldset className={styles.bar}>
      <legend className="visually-hidden">Which person, from the left</legend>
      {people.boxes.map((_, i) => (
        <button
          key={i}
          type="button"
          aria-pressed={i === people.chosen}
          aria-label={`Person ${i + 1} from the left`}
          onClick={() => void choosePerson(i + 1)}
        >
          {i + 1}
        </button>
      ))}
    </fieldset>
  );
}
