package lava

import "reflect"

// Providers has the gateway's address for each AI provider, to which you append a path:
//
//	http.NewRequest("POST", client.Providers.OpenAI+"/chat/completions", body)
//
// [Client.GenerateForwardToken] authorizes such a request. For a provider's own SDK, use [Client.Transport] instead,
// because SDKs add the path after the query.
type Providers struct {
	OpenAI                 string `url:"https://api.openai.com/v1"`
	Anthropic              string `url:"https://api.anthropic.com/v1"`
	Mistral                string `url:"https://api.mistral.ai/v1"`
	DeepSeek               string `url:"https://api.deepseek.com/v1"`
	XAI                    string `url:"https://api.x.ai/v1"`
	Google                 string `url:"https://generativelanguage.googleapis.com/v1beta"`
	GoogleOpenAICompatible string `url:"https://generativelanguage.googleapis.com/v1beta/openai"`
	Kluster                string `url:"https://api.kluster.ai/v1"`
	Inference              string `url:"https://api.inference.net/v1"`
	Groq                   string `url:"https://api.groq.com/openai/v1"`
	Novita                 string `url:"https://api.novita.ai/v3/openai"`
	Vercel                 string `url:"https://api.v0.dev/v1"`
	Together               string `url:"https://api.together.xyz/v1"`
	Hyperbolic             string `url:"https://api.hyperbolic.xyz/v1"`
	ElevenLabs             string `url:"https://api.elevenlabs.io/v1"`
	SambaNova              string `url:"https://api.sambanova.ai/v1"`
	DeepInfra              string `url:"https://api.deepinfra.com/v1/openai"`
	Cohere                 string `url:"https://api.cohere.ai/compatibility/v1"`
	Parasail               string `url:"https://api.parasail.io/v1"`
	Nebius                 string `url:"https://api.studio.nebius.com/v1"`
	Fireworks              string `url:"https://api.fireworks.ai/inference/v1"`
	EmberCloud             string `url:"https://api.embercloud.ai/v1"`
	Cerebras               string `url:"https://api.cerebras.ai/v1"`
	Targon                 string `url:"https://api.targon.com/v1"`
	GMICloud               string `url:"https://api.gmi-serving.com/v1"`
	Chutes                 string `url:"https://llm.chutes.ai/v1"`
	Baseten                string `url:"https://inference.baseten.co/v1"`
	Moonshot               string `url:"https://api.moonshot.ai/v1"`
}

func newProviders(base string) Providers {
	var p Providers
	addresses := reflect.ValueOf(&p).Elem()
	for i := range addresses.NumField() {
		addresses.Field(i).SetString(base + "forward?u=" + addresses.Type().Field(i).Tag.Get("url"))
	}
	return p
}
