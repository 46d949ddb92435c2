// Package dialect contains what the formats of LLM providers have in common:
// endpoints and their requests, usage, and conversations. The formats themselves
// are packages below this one, each a [Format], and [Chat] where its conversations
// can be translated; package known lists them.
//
// A request goes through it in three steps. [Set.Find] finds what a method and a
// URL name, at any provider, because one host may speak several formats.
// [Endpoint.ReadFacts] reads model and options. Then [Endpoint.ReadUsage] reads a
// response's body, or a [Meter] one event after the other. How streams end and fail
// is package ending's to know.
//
// To translate, each [Chat] is read into a form of no provider ([Request],
// [Response], [Event]) and written from it, so four readers and four writers make
// all pairs. A whole response is read as the events of a stream, so that both say the
// same ([Assemble]). A [Translator] does it event by event and holds back only what
// formats force: parts follow each other, so a call waits for the one before it, and
// its beginning for its name; Google's calls are whole; a character that was cut waits
// for its rest; and what a client takes for the end waits until the caller lets it
// come. Readers and writers leave usage alone: it is read in one place for translated
// and untranslated responses, and callers pass it in.
//
// It is pure: no I/O, and no state beyond a stream's own.
//
// # What can't be translated
//
// What would make the response another one is refused, with a [FieldError] that names
// the field. What is a hint, or only speaks to the provider's own service, is
// dropped (assumption translated-fields).
//
//	what                       kept by                             elsewhere
//	max tokens                 all                                 Anthropic needs it: the most that the model takes, if unset
//	temperature                all                                 above 1 is 1 at Anthropic and Bedrock
//	top_p, stop sequences      all                                 blank ones are left out at Anthropic and Bedrock
//	top_k                      Anthropic, Google, Bedrock (Claude) dropped
//	seed, penalties            OpenAI, Google                      dropped
//	n, candidateCount          OpenAI, Google                      refused above 1
//	tool choice: auto, any,    all                                 "none" is tools left out at Bedrock,
//	  one, none                                                    and calls before it told as text
//	calls without tools        OpenAI, Anthropic, Google           told as text at Bedrock
//	tool choice: several       OpenAI, Google                      the other tools are left out
//	one tool call at a time    OpenAI, Anthropic                   refused if there are tools, dropped if one must be called
//	strict tools               OpenAI, Anthropic, Bedrock          dropped
//	JSON by schema             all                                 its name and strictness: OpenAI (and Bedrock the name);
//	                                                               told in the prompt at DeepSeek
//	JSON without schema        OpenAI, Google                      refused
//	thinking                   all                                 effort and budget become each other; see [Thinking]
//	thoughts in messages       all: see below
//	end user's id              OpenAI, Anthropic                   dropped
//	cache points               Anthropic, Bedrock (Claude, Nova)   dropped
//	images in base64           all                                 by URL: refused at Bedrock
//	documents in base64        all                                 Anthropic, OpenAI: PDF and text only, others refused
//	documents by URL           Anthropic (PDF), Google             refused
//	recordings                 OpenAI, Google, Bedrock             refused
//	videos                     Google, Bedrock                     refused
//	media in results of tools  Anthropic, Google, Bedrock (images  said by the user, behind the results
//	                             and videos: Claude and Nova)
//	failed results of tools    Anthropic, Google, Bedrock          a result as any other
//
// Refused everywhere: logit_bias, logprobs, audio responses, functions and
// function_call, web_search_options (OpenAI); container, mcp_servers, search results,
// stored files (Anthropic; blocks of tools that it ran are left out); cachedContent, responseLogprobs, speech, other modalities
// (Google); guardrails and stored prompts (Bedrock); and the tools that a provider
// runs itself. What is neither here nor in the table is dropped: service tiers,
// metadata, storage, safety settings, verbosity, names of speakers.
//
// # What providers insist on
//
// Writers write only what the rules of the provider accept ([Limits], and what the format's
// package knows of models); testdata/rules of package known has the rules with their
// sources. Ids of calls and names of tools that a provider refuses are replaced, and the
// names come back in responses. Results stand right behind their calls. Blank texts,
// thoughts of other makers, and settings that a model refuses beside others or at all
// (temperature beside thinking, an effort for a model that doesn't reason) are left out
// (assumption translated-settings). A conversation that is only a system prompt becomes
// the user's turn where one is needed. What can't be helped is a [FieldError].
//
// System prompts are joined at the beginning. In responses, citations, logprobs and parts
// of an unknown kind are dropped. Images that a model made come as Google and Bedrock have
// them, and to clients of OpenAI's format in images, as OpenRouter has it; Anthropic's has no
// place for them. A response in which the model says that it refuses ends with a refusal.
//
// # What must come back
//
// Models that think sign what they thought, and some reject a conversation that comes
// back without it. So each format has a place for it, which unmodified SDKs send back
// with the message. A [Signature] tells its [Maker], and one that travels in a format
// of another maker is marked: it never reaches another maker's models.
//
//	client's format   Gemini's signatures               Claude's signatures           thoughts of others
//	OpenAI            extra_content (Google's own)      reasoning_details             reasoning_content
//	                  on the call or the message        (OpenRouter's)
//	Anthropic         a thinking block, marked          thinking, redacted_thinking   thinking, unsigned
//	Google            thoughtSignature                  thoughts, marked              thoughts, unsigned
//	Bedrock           reasoningContent, marked          reasoningContent, signed      reasoningContent, unsigned
//
// Gemini 3 gets Google's stand-in where the signature of a call was lost
// ([NeedsSignatures]), through OpenRouter too. Servers of OpenAI's format get thoughts where
// they take them ([Traits]), and a blank where they insist on some; OpenAI itself takes none.
package dialect
