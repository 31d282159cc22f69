#!/usr/bin/env node
// Serves one ONNX model over the Open Inference Protocol v2 (REST). Options: see ../README.md.
import { runEngine } from '../common/engine.mjs';
import { OnnxModel } from './model.mjs';
import { inferenceError, inferenceRoutes } from './inference.mjs';

await runEngine({
  name: 'onnx-node',
  defaults: { parallel: 1 },
  bodyLimit: 32 * 1024 * 1024,
  errorBody: inferenceError,
  load: OnnxModel.load,
  routes: inferenceRoutes,
});
