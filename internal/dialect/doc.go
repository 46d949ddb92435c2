// Package dialect contains what the formats of LLM providers have in common:
// endpoints and their requests, usage, and conversations. The formats themselves
// are packages below this one, each a [Format], and [Chat] where its conversations
// can be translated; package known lists them.
//
// A request is processed in three steps. [Set.Find] finds the endpoint for a method and a URL, at any provider,
// because one host may use several formats. [Endpoint.ReadFacts] reads model and options. Then [Endpoint.ReadUsage]
// reads a response's body, or a [Meter] reads one event after the other. Package ending knows how streams end and
// fail.
//
// To translate, each [Chat] is read into a neutral form ([Request], [Response], [Event]) and written from it, so four
// readers and four writers cover all pairs. A whole response is read as the events of a stream, so that both give the
// same result ([Assemble]). A [Translator] translates event by event and holds back only what formats require: parts
// follow each other, so a call waits for the one before it, and its start for its name; Google's calls are sent
// whole; a character that was split waits for its rest; and what a client treats as the end waits until the caller
// allows it. Readers and writers ignore usage: it is read in one place for translated and untranslated responses, and
// callers pass it in.
//
// It is pure: no I/O, and no state beyond a stream's own.
//
// # What can't be translated
//
// What would change the response is rejected, with a [FieldError] that names the field. Hints, and fields that only
// concern the provider's own service, are dropped (assumption translated-fields).
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
// Rejected everywhere: logit_bias, logprobs, audio responses, functions and function_call, web_search_options
// (OpenAI); container, mcp_servers, search results, stored files (Anthropic; blocks of tools that it ran are
// dropped); cachedContent, responseLogprobs, speech, other modalities (Google); guardrails and stored prompts
// (Bedrock); and the tools that a provider runs itself. Everything that is neither here nor in the table is dropped:
// service tiers, metadata, storage, safety settings, verbosity, names of speakers.
//
// # What providers require
//
// Writers write only what the rules of the provider accept ([Limits], and what the format's package knows about
// models); testdata/rules of package known has the rules with their sources. Ids of calls and names of tools that a
// provider rejects are replaced, and the original names are restored in responses. Results directly follow their
// calls, and a turn with results has nothing else where the model requires that: then the assistant has a turn behind it.
// Cache points inside results stand behind them, and references in schemas for Google are to $defs. Blank texts, thoughts of other makers, and settings that a model rejects, alone or in combination
// (temperature with thinking, an effort for a model that doesn't reason), are dropped (assumption
// translated-settings). A conversation that is only a system prompt becomes the user's turn if one is required.
// Everything else that a provider would reject is a [FieldError].
//
// System prompts are joined at the beginning. In responses, citations, logprobs and parts of an unknown kind are
// dropped. Generated images are sent in the form of Google and Bedrock, and to clients of OpenAI's format in images,
// as at OpenRouter; Anthropic's format has no place for them. A response in which the model refuses ends with a
// refusal.
//
// # What must come back
//
// Models sign their thoughts, and some reject a conversation that is sent back without them. So each format has a
// place for signatures, which unmodified SDKs send back with the message. A [Signature] has its [Maker], and one that
// travels in another maker's format is marked: it never reaches another maker's models.
//
//	client's format   Gemini's signatures               Claude's signatures           thoughts of others
//	OpenAI            extra_content (Google's own)      reasoning_details             reasoning_content
//	                  on the call or the message        (OpenRouter's)
//	Anthropic         a thinking block, marked          thinking, redacted_thinking   thinking, unsigned
//	Google            thoughtSignature                  thoughts, marked              thoughts, unsigned
//	Bedrock           reasoningContent, marked          reasoningContent, signed      reasoningContent, unsigned
//
// Gemini 3 gets Google's placeholder if the signature of a call was lost ([NeedsSignatures]), through OpenRouter too.
// Servers of OpenAI's format get thoughts where they accept them ([Traits]), and a blank if they require some; OpenAI
// itself accepts none.
//
// # Other providers of the client's format
//
// A request in OpenAI's format to another provider of it isn't translated: it may have fields of that provider, and
// the response needs no translation either. An [Adapter] changes in its JSON only what the provider rejects, by the
// same [Traits] (assumption adapted-requests).
package dialect
