package upstream

import (
	"regexp"
	"strings"
)

// What Gemini models refuse that others of them take. Where a list does not have a
// model, its fake accepts: newer ones may be unknown here.

// budgets are in what range models of Gemini 2.5 may be told to think, besides 0 and -1.
var budgets = map[string]struct{ least, most float64 }{
	"gemini-2.5-pro":        {128, 32_768},
	"gemini-2.5-flash":      {0, 24_576},
	"gemini-2.5-flash-lite": {512, 24_576},
}

// version is what may follow the name of a family, as in gemini-2.5-pro-preview-06-05.
// Models that speak or draw have other names.
var version = regexp.MustCompile(`(-preview|-exp|-latest|-\d+)+$`)

// familyOf is the name of a model without its version.
func familyOf(model string) string { return version.ReplaceAllString(model, "") }

// alwaysThinks reports whether a model can't be kept from thinking.
func alwaysThinks(model string) bool {
	family := familyOf(model)
	return family == "gemini-2.5-pro" || strings.HasPrefix(family, "gemini-3") && strings.HasSuffix(family, "-pro")
}

// thinkingConfig is what a request says of thinking.
func (c *call) thinkingConfig() value {
	return either(either(c.request, "generationConfig"), "thinkingConfig")
}
