package upstream

import (
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/bedrock"
	"github.com/lavapayments/lava-go/internal/dialect/elevenlabs"
	"github.com/lavapayments/lava-go/internal/dialect/google"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

// fake responds in one wire format. It has its own code for reading and writing bodies: a bug in the format's package
// would go unnoticed if both used it.
type fake interface {
	// respond returns the response to a call; false if there is no fake for its operation.
	respond(c *call, r Reply) (response, bool)
	// failure returns an error with a body in the format.
	failure(c *call, status int, message string) response
	// model returns a model's entry in a list of models.
	model(c *call, m catalog.Model) object
	// models returns a list of models.
	models(list []object) any
}

// fakes has the fake of each format. The first is for providers with none of the formats.
type fakes []struct {
	format dialect.Format
	fake   fake
}

var builtin = fakes{
	{openai.Format{}, openAIFake{}},
	{anthropic.Format{}, anthropicFake{}},
	{google.Format{}, googleFake{}},
	{bedrock.Format{}, bedrockFake{}},
	{elevenlabs.Format{}, elevenLabsFake{}},
}

var builtinFormats = builtin.formats()

func (f fakes) formats() dialect.Set {
	set := make(dialect.Set, len(f))
	for i := range f {
		set[i] = f[i].format
	}
	return set
}

// of returns the fake of a format.
func (f fakes) of(name dialect.Name) fake {
	for i := range f {
		if f[i].format.Name() == name {
			return f[i].fake
		}
	}
	return f[0].fake
}
