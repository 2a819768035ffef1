/** Lets StageErrors cross comlink with their code, stage and fix; both sides register it before the first call. */
import * as Comlink from 'comlink';
import { StageError, type StageErrorData } from '../base/errors.ts';

interface ThrownValue {
  readonly value: unknown;
}

let registered = false;

/** @param stage of what is thrown and is no StageError yet. */
export function registerStageErrorTransfer(stage = 'digitizer'): void {
  if (registered) return;
  registered = true;
  const plain = Comlink.transferHandlers.get('throw');
  if (!plain) throw new Error('comlink has no handler for thrown values');
  Comlink.transferHandlers.set('throw', {
    canHandle: plain.canHandle,
    serialize(thrown: ThrownValue) {
      return [StageError.from(stage, thrown.value).toData(), []];
    },
    deserialize(data: StageErrorData): never {
      throw StageError.fromData(data);
    },
  });
}
