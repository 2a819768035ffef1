/** The whole state of the page, as plain data. Slices fill it; heavy things are ids of the resource registry. */

import type { MeshSizeSlice, PrintSlice, SaveSlice } from './file-state.ts';
import type { InputSlice, LibrarySlice, QueueSlice } from './input-state.ts';
import type { ModelSlice, MotionSlice } from './model-state.ts';
import type { EditSlice, RunSlice } from './run-state.ts';
import type { MattingSlice, PackSlice, SessionSlice } from './session-state.ts';
import type { ExplainSlice, PictureSlice, ViewSlice } from './view-state.ts';

export type AppState = SessionSlice &
  PackSlice &
  MattingSlice &
  InputSlice &
  LibrarySlice &
  QueueSlice &
  EditSlice &
  ExplainSlice &
  RunSlice &
  SaveSlice &
  PrintSlice &
  MotionSlice &
  MeshSizeSlice &
  PictureSlice &
  ViewSlice &
  ModelSlice;
