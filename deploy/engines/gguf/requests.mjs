import { HttpError } from '../common/errors.mjs';

/** Reads what this engine uses of a chat request; anything it cannot honour is refused, not ignored. */
export function readChat(body) {
  refuse(body, { tools: isFilled, functions: isFilled, logprobs: isOn, top_logprobs: isOn, audio: isOn });
  const format = body.response_format?.type;
  if (isOn(body.response_format) && format !== 'text') throw unsupported('response_format', 'only {"type": "text"} is supported');
  return {
    messages: readMessages(body.messages),
    ...readGeneration(body),
    maxTokens: number(body, 'max_completion_tokens', { whole: true, min: 1 }) ?? number(body, 'max_tokens', { whole: true, min: 1 }),
  };
}

/** Reads what this engine uses of a completion request. The prompt is text, or tokens. */
export function readCompletion(body, vocabularySize) {
  refuse(body, { echo: isOn, logprobs: isOn, suffix: isFilled, best_of: (value) => isOn(value) && value !== 1 });
  return {
    prompt: readPrompt(body.prompt, vocabularySize),
    ...readGeneration(body),
    maxTokens: number(body, 'max_tokens', { whole: true, min: 1 }) ?? 16,
  };
}

/** Reads an embeddings request: inputs (text or tokens each) and how the vectors travel. */
export function readEmbeddings(body, vocabularySize) {
  readModel(body);
  refuse(body, { dimensions: isOn });
  const format = body.encoding_format ?? 'float';
  if (format !== 'float' && format !== 'base64') throw invalid('encoding_format', 'must be "float" or "base64"');
  const inputs = typeof body.input === 'string' || isTokens(body.input) ? [body.input] : body.input;
  if (!Array.isArray(inputs) || inputs.length === 0) throw invalid('input', 'must be a text, a list of texts, or tokens');
  if (inputs.length > 2048) throw invalid('input', 'must have 2048 entries at most');
  inputs.forEach((input, index) => checkText(input, `input[${index}]`, vocabularySize));
  if (inputs.includes('')) throw invalid('input', 'must not be empty');
  return { inputs, format };
}

function readGeneration(body) {
  readModel(body);
  const choices = number(body, 'n', { whole: true, min: 1 }) ?? 1;
  if (choices !== 1) throw unsupported('n', 'this engine gives one choice a request: leave n out or give 1');
  refuse(body, { logit_bias: (value) => isOn(value) && Object.keys(value).length > 0 });
  return {
    temperature: number(body, 'temperature', { min: 0, max: 2 }) ?? 1,
    topP: number(body, 'top_p', { min: 0, max: 1 }) ?? 1,
    seed: number(body, 'seed', { whole: true }),
    frequencyPenalty: number(body, 'frequency_penalty', { min: -2, max: 2 }) ?? 0,
    presencePenalty: number(body, 'presence_penalty', { min: -2, max: 2 }) ?? 0,
    stop: readStop(body.stop),
    ...readStreaming(body),
  };
}

function readStreaming(body) {
  const stream = boolean(body, 'stream') ?? false;
  const options = body.stream_options ?? undefined;
  if (options === undefined) return { stream, includeUsage: false, continuousUsage: false };
  if (typeof options !== 'object' || Array.isArray(options)) throw invalid('stream_options', 'must be an object');
  if (!stream) throw invalid('stream_options', 'is only allowed together with "stream": true');
  return {
    stream,
    includeUsage: boolean(options, 'include_usage', 'stream_options.include_usage') ?? false,
    // As vLLM has it: who meters knows what a client has had that hangs up half way.
    continuousUsage: boolean(options, 'continuous_usage_stats', 'stream_options.continuous_usage_stats') ?? false,
  };
}

// One engine serves one model, and whoever routes to it has chosen it already: any name is taken.
function readModel(body) {
  if (isOn(body.model) && typeof body.model !== 'string') throw invalid('model', 'must be a string');
}

function readMessages(messages) {
  if (!Array.isArray(messages) || messages.length === 0) throw invalid('messages', 'must be a list of one message at least');
  return messages.map((message, index) => readMessage(message, `messages[${index}]`));
}

function readMessage(message, param) {
  if (message === null || typeof message !== 'object') throw invalid(param, 'must be an object');
  const role = message.role === 'developer' ? 'system' : message.role;
  if (!['system', 'user', 'assistant'].includes(role)) {
    throw invalid(`${param}.role`, 'must be one of system, developer, user, assistant');
  }
  if (isFilled(message.tool_calls)) throw unsupported(`${param}.tool_calls`, 'this engine has no tools');
  if (role === 'assistant' && !isOn(message.content)) return { role, content: '' };
  return { role, content: readContent(message.content, `${param}.content`) };
}

function readContent(content, param) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw invalid(param, 'must be a string or a list of parts');
  return content.map((part, index) => {
    if (part?.type !== 'text') throw unsupported(`${param}[${index}]`, 'only parts of the type "text" are supported');
    if (typeof part.text !== 'string') throw invalid(`${param}[${index}].text`, 'must be a string');
    return part.text;
  }).join('');
}

function readPrompt(prompt, vocabularySize) {
  const single = Array.isArray(prompt) && prompt.length === 1 && typeof prompt[0] !== 'number' ? prompt[0] : prompt;
  if (Array.isArray(single) && single.length > 1 && single.every((entry) => typeof entry !== 'number')) {
    throw unsupported('prompt', 'this engine takes one prompt a request');
  }
  checkText(single, 'prompt', vocabularySize);
  return single;
}

function checkText(value, param, vocabularySize) {
  if (typeof value === 'string') return;
  if (!isTokens(value)) throw invalid(param, 'must be a text, or a list of token numbers');
  if (value.some((token) => token < 0 || token >= vocabularySize)) throw invalid(param, `has a token outside 0 to ${vocabularySize - 1}`);
}

function isTokens(value) {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isInteger);
}

function readStop(stop) {
  if (!isOn(stop)) return [];
  const list = typeof stop === 'string' ? [stop] : stop;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string' && entry !== '')) {
    throw invalid('stop', 'must be a text or a list of texts, none of them empty');
  }
  if (list.length > 4) throw invalid('stop', 'must have 4 entries at most');
  return list;
}

function number(body, name, { whole = false, min = -Infinity, max = Infinity }) {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (whole ? !Number.isSafeInteger(value) : typeof value !== 'number') throw invalid(name, `must be a ${whole ? 'whole ' : ''}number`);
  if (value < min || value > max) throw invalid(name, `must be ${max === Infinity ? `${min} at least` : `from ${min} to ${max}`}`);
  return value;
}

function boolean(body, name, param = name) {
  const value = body[name] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean') throw invalid(param, 'must be true or false');
  return value;
}

function refuse(body, tests) {
  for (const [name, isAsked] of Object.entries(tests)) {
    if (isAsked(body[name])) throw unsupported(name, 'this engine does not support it');
  }
}

function isOn(value) {
  return value !== undefined && value !== null && value !== false;
}

function isFilled(value) {
  return isOn(value) && value.length !== 0;
}

function invalid(param, problem) {
  return new HttpError(400, `${param} ${problem}`, { param, code: 'invalid_value' });
}

function unsupported(param, problem) {
  return new HttpError(400, `${param}: ${problem}`, { param, code: 'unsupported_parameter' });
}
