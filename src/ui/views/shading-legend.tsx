/** What the colours of a shading mean, in the view itself: on a phone the inspector is out of sight. */

import { KIND_OF_PART } from '../../geometry/body.ts';
import type { Shading } from '../../store/model-state.ts';
import { useAppState } from '../app-context.tsx';
import { RampLegend, Swatch, SwatchLegend } from '../kit/legend.tsx';
import { PART_NAMES } from '../words.ts';

const AT = { corner: 'top', testId: 'shading-legend' } as const;

export function ShadingLegend({ shading }: { shading: Shading }) {
  switch (shading) {
    case 'seen':
      return (
        <SwatchLegend {...AT}>
          <Swatch tone="seen">seen in the photo</Swatch>
          <Swatch tone="guessed">guessed</Swatch>
        </SwatchLegend>
      );
    case 'parts':
      return <ChosenPart />;
    case 'confidence':
      return <RampLegend {...AT} ramp="heat" ends={['filled in', 'guessed', 'measured']} />;
    default:
      return null;
  }
}

function ChosenPart() {
  const part = useAppState((s) => s.part);
  return (
    <SwatchLegend {...AT} live>
      <Swatch kind={KIND_OF_PART[part]}>{PART_NAMES[part]}</Swatch>
    </SwatchLegend>
  );
}
