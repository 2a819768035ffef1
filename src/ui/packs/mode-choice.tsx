/** Robust or reference, with a sentence on the one that is chosen. An open photo runs again. */
import type { RunMode } from '../../digitizer/types.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Hint } from '../kit/readout.tsx';
import { TabList } from '../kit/tab-list.tsx';
import { MODE_NAMES, MODE_SENTENCES } from '../words.ts';

const MODES: readonly RunMode[] = ['robust', 'reference'];

export function ModeChoice() {
  const mode = useAppState((s) => s.options.mode);
  const { setOptions } = useActions();
  return (
    <>
      <TabList
        label="Method"
        small
        chosen={mode}
        items={MODES.map((id) => ({ id, label: MODE_NAMES[id], testId: `mode-${id}` }))}
        onChoose={(id) => {
          if (id !== mode) void setOptions({ mode: id });
        }}
      />
      <Hint>{MODE_SENTENCES[mode]}</Hint>
    </>
  );
}
