/** The figure on the first page: half photo, half clay. The seam follows the pointer, and the arrow keys. */
import { useState } from 'react';
import styles from './hero-figure.module.css';

export function HeroFigure() {
  const [seam, setSeam] = useState(50);
  return (
    <figure
      className={styles.figure}
      style={{ '--seam': `${seam}%` } as React.CSSProperties}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        setSeam(Math.min(92, Math.max(8, ((event.clientX - box.left) / box.width) * 100)));
      }}
      onPointerLeave={() => setSeam(50)}
    >
      <div className={styles.pair}>
        <img src="hero/clay.webp" alt="" draggable={false} />
        <img src="hero/photo.webp" alt="" className={styles.photo} draggable={false} />
        <i className={styles.seam} aria-hidden="true" />
      </div>
      <figcaption className="visually-hidden">
        A standing person: the left half is the clay model, the right half the photo.
      </figcaption>
    </figure>
  );
}
