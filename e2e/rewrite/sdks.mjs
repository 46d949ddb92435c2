// The official SDKs, from the packages in ../node, against a mock that translates.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../node/setup.mjs', import.meta.url));
const load = (name) => import(pathToFileURL(require.resolve(name)));

const exported = async (name, key) => {
  const found = (await load(name))[key] ?? (await load(name)).default[key];
  return found.default ?? found;
};

export const OpenAI = await exported('openai', 'OpenAI');
export const Anthropic = await exported('@anthropic-ai/sdk', 'Anthropic');
export const GoogleGenAI = await exported('@google/genai', 'GoogleGenAI');
export const bedrock = await load('@aws-sdk/client-bedrock-runtime');
