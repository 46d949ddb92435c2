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

// fake is how the providers of one wire format respond. It reads and writes bodies
// with code of its own: a fault in the format's package would pass unseen if both
// used it.
type fake interface {
	// respond returns the response to a call; false if there is no fake of its
	// operation.
	respond(c *call, r Reply) (response, bool)
	// failure returns an error, whose body is in the format's shape.
	failure(c *call, status int, message string) response
	// model returns what a list of models has of one.
	model(c *call, m catalog.Model) object
	// models returns a list of models.
	models(list []object) any
}

// fakes has the fake of each format. The first is for providers that speak none of
// them.
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
