/** The one error of this folder, with the fixes it can name. */
import { StageError } from '../../base/errors.ts';

const FIXES = {
  TRUNCATED: 'Download or copy the file again: it is not complete.',
  NOT_A_CHECKPOINT: 'Drop the checkpoint as it was downloaded, for instance ckpt_bg_mask.pth.tar.',
  FOREIGN: 'Save the checkpoint again with torch.save of plain tensors, or use one of this method.',
  DAMAGED: 'Download or copy the file again: its contents do not fit together.',
  PHASE_ONE: 'Use the checkpoint of the second training phase; it has the refine network too.',
  CHANGED_MODEL:
    'Use a checkpoint of the original model, all eight networks as its code defines them; a changed one cannot run here.',
  NOT_FINITE: 'Training went wrong before it was saved, or the file is damaged: use an earlier checkpoint.',
} as const;

/** A sentence without its full stop, and which fix to name. */
export function badCheckpoint(message: string, fix: keyof typeof FIXES, cause?: unknown): StageError {
  return new StageError('checkpoint', 'E_BAD_CHECKPOINT', `${message}.`, { fix: FIXES[fix], cause });
}

/** The same for a file that is something else: what it is (without full stop), and what to do with just that. */
export function otherFile(message: string, fix: string): StageError {
  return new StageError('checkpoint', 'E_BAD_CHECKPOINT', `${message}.`, { fix });
}
