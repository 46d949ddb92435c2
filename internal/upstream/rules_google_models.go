package upstream

import (
	"regexp"
	"strings"
)

// What some Gemini models reject and others accept. For an unlisted model, the fake accepts: newer models may be
// unknown here.

// budgets are the ranges of thinking budgets for Gemini 2.5 models, besides 0 and -1.
var budgets = map[string]struct{ least, most float64 }{
	"gemini-2.5-pro":        {128, 32_768},
	"gemini-2.5-flash":      {0, 24_576},
	"gemini-2.5-flash-lite": {512, 24_576},
}

// version matches what may follow the name of a family, as in gemini-2.5-pro-preview-06-05. Models that speak or draw
// have other names.
var version = regexp.MustCompile(`(-preview|-exp|-latest|-\d+)+$`)

// familyOf returns the name of a model without its version.
func familyOf(model string) string { return version.ReplaceAllString(model, "") }

// alwaysThinks reports whether thinking can't be turned off for a model.
func alwaysThinks(model string) bool {
	family := familyOf(model)
	return family == "gemini-2.5-pro" || strings.HasPrefix(family, "gemini-3") && strings.HasSuffix(family, "-pro")
}

// thinkingConfig returns a request's settings for thinking.
func (c *call) thinkingConfig() value {
	return either(either(c.request, "generationConfig"), "thinkingConfig")
}
