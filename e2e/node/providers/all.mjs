// All tests of the folder, in one process.

import './openai.mjs';
import './mistral.mjs';
import './groq.mjs';
import './cohere.mjs';
import './bedrock.mjs';
import './elevenlabs.mjs';
import './stainless.mjs';
import './openrouter.mjs';
import './voyage.mjs';
import './aisdk.mjs';
import './refusals.mjs';
