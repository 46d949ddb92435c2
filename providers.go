package lava

// Providers holds the gateway's address for each AI provider, ready for a path:
//
//	http.NewRequest("POST", client.Providers.OpenAI+"/chat/completions", body)
//
// Such a request is authorized with a [ForwardToken]. A provider's own SDK works
// with [Client.Transport] instead, because the path has to follow the query.
type Providers struct {
	OpenAI                 string // https://api.openai.com/v1
	Anthropic              string // https://api.anthropic.com/v1
	Mistral                string // https://api.mistral.ai/v1
	DeepSeek               string // https://api.deepseek.com/v1
	XAI                    string // https://api.x.ai/v1
	Google                 string // https://generativelanguage.googleapis.com/v1beta
	GoogleOpenAICompatible string // https://generativelanguage.googleapis.com/v1beta/openai
	Kluster                string // https://api.kluster.ai/v1
	Inference              string // https://api.inference.net/v1
	Groq                   string // https://api.groq.com/openai/v1
	Novita                 string // https://api.novita.ai/v3/openai
	Vercel                 string // https://api.v0.dev/v1
	Together               string // https://api.together.xyz/v1
	Hyperbolic             string // https://api.hyperbolic.xyz/v1
	ElevenLabs             string // https://api.elevenlabs.io/v1
	SambaNova              string // https://api.sambanova.ai/v1
	DeepInfra              string // https://api.deepinfra.com/v1/openai
	Cohere                 string // https://api.cohere.ai/compatibility/v1
	Parasail               string // https://api.parasail.io/v1
	Nebius                 string // https://api.studio.nebius.com/v1
	Fireworks              string // https://api.fireworks.ai/inference/v1
	EmberCloud             string // https://api.embercloud.ai/v1
	Cerebras               string // https://api.cerebras.ai/v1
	Targon                 string // https://api.targon.com/v1
	GMICloud               string // https://api.gmi-serving.com/v1
	Chutes                 string // https://llm.chutes.ai/v1
	Baseten                string // https://inference.baseten.co/v1
	Moonshot               string // https://api.moonshot.ai/v1
}

func newProviders(base string) Providers {
	forward := base + "forward?u="
	return Providers{
		OpenAI:                 forward + "https://api.openai.com/v1",
		Anthropic:              forward + "https://api.anthropic.com/v1",
		Mistral:                forward + "https://api.mistral.ai/v1",
		DeepSeek:               forward + "https://api.deepseek.com/v1",
		XAI:                    forward + "https://api.x.ai/v1",
		Google:                 forward + "https://generativelanguage.googleapis.com/v1beta",
		GoogleOpenAICompatible: forward + "https://generativelanguage.googleapis.com/v1beta/openai",
		Kluster:                forward + "https://api.kluster.ai/v1",
		Inference:              forward + "https://api.inference.net/v1",
		Groq:                   forward + "https://api.groq.com/openai/v1",
		Novita:                 forward + "https://api.novita.ai/v3/openai",
		Vercel:                 forward + "https://api.v0.dev/v1",
		Together:               forward + "https://api.together.xyz/v1",
		Hyperbolic:             forward + "https://api.hyperbolic.xyz/v1",
		ElevenLabs:             forward + "https://api.elevenlabs.io/v1",
		SambaNova:              forward + "https://api.sambanova.ai/v1",
		DeepInfra:              forward + "https://api.deepinfra.com/v1/openai",
		Cohere:                 forward + "https://api.cohere.ai/compatibility/v1",
		Parasail:               forward + "https://api.parasail.io/v1",
		Nebius:                 forward + "https://api.studio.nebius.com/v1",
		Fireworks:              forward + "https://api.fireworks.ai/inference/v1",
		EmberCloud:             forward + "https://api.embercloud.ai/v1",
		Cerebras:               forward + "https://api.cerebras.ai/v1",
		Targon:                 forward + "https://api.targon.com/v1",
		GMICloud:               forward + "https://api.gmi-serving.com/v1",
		Chutes:                 forward + "https://llm.chutes.ai/v1",
		Baseten:                forward + "https://inference.baseten.co/v1",
		Moonshot:               forward + "https://api.moonshot.ai/v1",
	}
}
