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

// limited returns a request in the client's format with a limit of output tokens that is at most most. A budget for
// thoughts must be less than the limit (platform.claude.com/docs/en/build-with-claude/extended-thinking).
func (c *conversation) limited(body []byte, most int64) ([]byte, error) {
	if most == math.MaxInt64 {
		return body, nil
	}
	const (
		openAIs = "max_tokens"
		text    = 4096 // for the response after the thoughts
		least   = 1024 // that a budget can be
	)
	limits := []string{openAIs, "max_completion_tokens"}
	if path, ok := c.format.FieldNames()[openAIs]; ok {
		limits = []string{path}
	}
	limited, err := lowered(body, most, limits...)
	if err != nil || string(limited) == string(body) {
		return body, err
	}
	return lowered(limited, max(least, most-text), "thinking.budget_tokens", "additionalModelRequestFields.thinking.budget_tokens")
}

// lowered returns an object in which some numbers are at most most. Dots in their paths separate the keys.
func lowered(object []byte, most int64, paths ...string) (out []byte, err error) {
	out = object
	for _, path := range paths {
		if out, err = lower(out, path, most); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func lower(object []byte, path string, most int64) ([]byte, error) {
	key, rest, nested := strings.Cut(path, ".")
	value := jsonscan.Field(object, key)
	if nested {
		inner, err := lower(value, rest, most)
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
