/** The chosen stage in words and figures. */
import { useAppState } from '../app-context.tsx';
import { Hint, Readout, Section } from '../kit/readout.tsx';
import { formatBytes, formatMs, STAGE_NAMES, STAGE_SENTENCES } from '../words.ts';

export function StageCard() {
  const { stage, state, report } = useAppState((s) => ({
    stage: s.stage,
    state: s.stages[s.stage].state,
    report: s.run.kind === 'done' ? s.run.report.stages.find((r) => r.stage === s.stage) : undefined,
  }));
  const rows: (readonly [string, string])[] = [];
  if (state.kind === 'done') {
    rows.push(['Time', state.cached ? 'kept from before' : formatMs(state.elapsedMs)]);
    if (report && report.bytes > 0) rows.push(['Memory', formatBytes(report.bytes)]);
    if (state.detail) rows.push(['Result', state.detail]);
  }
  if (state.kind === 'running') rows.push(['Now', state.note || `${Math.round(state.fraction * 100)} %`]);
  if (state.kind === 'failed') rows.push(['Stopped', state.error.message]);
  return (
    <Section title={`Stage: ${STAGE_NAMES[stage]}`}>
      <Hint>{STAGE_SENTENCES[stage]}</Hint>
      {rows.length > 0 && <Readout rows={rows} />}
    </Section>
  );
}
