package gateway

import (
	"math"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// limitAt returns the highest limit of output tokens that a request may set at a route: the model's own for fallbacks,
// because the client's limit was for another model. A model that can't respond with more loses nothing by it
// (github.com/BerriAI/litellm/pull/40209, github.com/NousResearch/hermes-agent/issues/70222).
func (c *call) limitAt(rt *route, model string) int64 {
	if m, ok := rt.provider.Model(model); ok && c.requested != nil && m.MaxOutput > 0 {
		return m.MaxOutput
	}
	return math.MaxInt64
}

// limited returns a request in the client's format with a limit of output tokens that is at most most.
func (c *conversation) limited(body []byte, most int64) ([]byte, error) {
	if most == math.MaxInt64 {
		return body, nil
	}
	const openAIs = "max_tokens"
	if path, ok := c.format.FieldNames()[openAIs]; ok {
		return lowered(body, path, most)
	}
	body, err := lowered(body, openAIs, most)
	if err != nil {
		return nil, err
	}
	return lowered(body, "max_completion_tokens", most)
}

// lowered returns an object with a number that is at most most. Dots in the path separate the keys.
func lowered(object []byte, path string, most int64) ([]byte, error) {
	key, rest, nested := strings.Cut(path, ".")
	value := jsonscan.Field(object, key)
	if nested {
		inner, err := lowered(value, rest, most)
		if err != nil || len(inner) == 0 || string(inner) == string(value) {
			return object, err
		}
		return jsonscan.SetField(object, key, inner)
	}
	if n, err := strconv.ParseInt(string(value), 10, 64); err != nil || n <= most {
		return object, nil //nolint:nilerr // another value is for the provider to reject
	}
	return jsonscan.SetField(object, key, strconv.AppendInt(nil, most, 10))
}
