// Package translate carries requests and answers between the formats that LLM
// providers speak: OpenAI's chat completions, Anthropic's messages, Google's
// generateContent and Bedrock's Converse.
//
// Each [Format] is read into a form of no provider ([Request], [Response],
// [Event]) and written from it, so four readers and four writers make all pairs.
// A [Stream] does it event by event and holds nothing back, with two exceptions
// that the formats force: Google's tool calls are whole, so the arguments that
// come in pieces are collected; and what a client takes for the end waits until
// the caller has said that it may come.
//
// Usage is not read here: package dialect reads it, in one place for translated
// and untranslated answers, and callers pass it in.
//
// It is pure: no I/O, and no state beyond a stream's own.
//
// # What can't be translated
//
// What would make the answer another one is refused, with a [FieldError] that names
// the field. What is a hint, or only speaks to the provider's own service, is
// dropped (assumption translated-fields).
//
//	what                       kept by                             elsewhere
//	max tokens                 all                                 Anthropic needs it: 4096, and the thinking budget, if unset
//	temperature                all                                 above 1 refused at Anthropic and Bedrock
//	top_p, stop sequences      all
//	top_k                      Anthropic, Google, Bedrock (Claude) dropped
//	seed, penalties            OpenAI, Google                      dropped
//	n, candidateCount          OpenAI, Google                      refused above 1
//	tool choice: auto, any,    all                                 "none" is tools left out at Bedrock,
//	  one, none                                                    refused there after tool calls
//	tool choice: several       OpenAI, Google                      the other tools are left out
//	one tool call at a time    OpenAI, Anthropic                   refused if there are tools
//	strict tools               OpenAI, Anthropic, Bedrock          dropped
//	JSON by schema             all                                 its name and strictness: OpenAI (and Bedrock the name)
//	JSON without schema        OpenAI, Google                      refused
//	thinking                   all                                 effort and budget become each other; see [Thinking]
//	thoughts in messages       Anthropic, Google, Bedrock          dropped unless they are signed
//	end user's id              OpenAI, Anthropic                   dropped
//	cache points               Anthropic, Bedrock                  dropped
//	images in base64           all                                 by URL: refused at Bedrock
//	documents in base64        all                                 Anthropic: PDF and text only, others refused
//	documents by URL           Anthropic (PDF), Google             refused
//	recordings                 OpenAI, Google, Bedrock             refused
//	films                      Google, Bedrock                     refused
//	media in results of tools  Anthropic, Google, Bedrock          refused
//	failed results of tools    Anthropic, Google, Bedrock          a result as any other
//
// Refused everywhere: logit_bias, logprobs, audio answers, functions and
// function_call, web_search_options (OpenAI); container, mcp_servers, search results,
// stored files (Anthropic); cachedContent, responseLogprobs, speech, other modalities
// (Google); guardrails and stored prompts (Bedrock); and the tools that a provider
// runs itself. Everything else that is not in the table is dropped: service tiers,
// metadata, storage, safety settings, verbosity, names of speakers.
//
// System prompts are joined at the beginning. In answers, generated images,
// citations, logprobs and signatures that the client's format has no place for are
// dropped. OpenAI's format shows thoughts as reasoning_content, as is usual there.
package translate
