#!/usr/bin/env node
// Serves one GGUF model over the OpenAI API. Options: see ../README.md.
import { runEngine } from '../common/engine.mjs';
import { wholeNumber } from '../common/options.mjs';
import { GgufModel } from './model.mjs';
import { openAiError, openAiRoutes } from './openai.mjs';

await runEngine({
  name: 'gguf-node',
  defaults: { parallel: 4 },
  extraOptions: { 'ctx-size': { type: 'string' } },
  checkOptions: (options) => {
    const size = options['ctx-size'];
    options.contextSize = size === undefined ? undefined : wholeNumber('ctx-size', size, 8, 10_000_000);
  },
  bodyLimit: 4 * 1024 * 1024,
  errorBody: openAiError,
  load: GgufModel.load,
  routes: openAiRoutes,
});
